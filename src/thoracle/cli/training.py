"""`thoracle train`: a recipe by default, or a folder with a subfolder per class."""

from typing import Any

import typer
from typer.core import TyperGroup

from thoracle.cli.train import train
from thoracle.cli.train_ct import train_ct, train_ct_study
from thoracle.cli.train_ct_kinds import train_ct_cases, train_ct_slices
from thoracle.cli.train_ct_rounds import train_ct_rounds
from thoracle.cli.train_folder import train_folder


class RecipeByDefault(TyperGroup):
    """`thoracle train RECIPE` is `thoracle train recipe RECIPE`."""

    by_default = "recipe"

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in the word `recipe` where no subcommand is named."""
        if args and args[0] not in {*self.commands, "--help"}:
            args = [self.by_default, *args]
        return super().parse_args(ctx, args)


train_app = typer.Typer(
    cls=RecipeByDefault,
    help="Train a network: `thoracle train RECIPE`, or `thoracle train folder DIR`.",
    no_args_is_help=True,
    add_completion=False,
)
train_app.command("recipe")(train)
train_app.command("folder")(train_folder)
train_app.command("ct")(train_ct)
train_app.command("ct-study")(train_ct_study)
train_app.command("ct-cases")(train_ct_cases)
train_app.command("ct-slices")(train_ct_slices)
train_app.command("ct-rounds")(train_ct_rounds)
