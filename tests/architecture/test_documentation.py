"""Every setting, command, option and error code is documented, and what the docs say exists."""

import ast
import importlib.util
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from thoracle.core.settings import Settings

Command = TyperCommand | TyperGroup

USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
"""What a wrong line raises; typer names only its subclasses."""

SHOWN_COMMAND = r"^\$ (?:[A-Z_]+=\S+ )*(?:\.venv/bin/)?(thoracle .*)$"


@pytest.fixture(scope="module")
def generated(root: Path) -> ModuleType:
    """Return the Sphinx extension that writes the reference pages."""
    path = root / "docs" / "_ext" / "generated.py"
    spec = importlib.util.spec_from_file_location("generated", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _page(root: Path, generated: ModuleType, name: str) -> str:
    """Return a reference page as a reader sees it, without Markdown's backslashes."""
    text = (root / "docs" / "reference" / name).read_text(encoding="utf-8")
    expanded: str = generated.expand(text)
    return re.sub(r"\\([\\`*_\[\]<>|{}$#])", r"\1", expanded)


@pytest.fixture(scope="module")
def commands() -> dict[str, Command]:
    """Return every visible command of the program by its full name."""
    from thoracle.cli.main import app

    def walk(name: str, command: object) -> Iterator[tuple[str, Command]]:
        assert isinstance(command, Command)
        if command.hidden:
            return
        yield name, command
        for word, child in getattr(command, "commands", {}).items():
            yield from walk(f"{name} {word}", child)

    return dict(walk("thoracle", typer.main.get_command(app)))


def test_every_setting_stands_in_the_table_with_its_default_and_help(
    root: Path, generated: ModuleType
) -> None:
    page = _page(root, generated, "settings.md")
    for name, field in Settings.model_fields.items():
        (row,) = [line for line in page.splitlines() if f"`THORACLE_{name.upper()}`" in line]
        assert str(field.description) in row
        if field.default_factory is None and field.default is not None:
            assert f"| {field.default} |" in row


def test_every_command_and_option_is_documented(
    root: Path, generated: ModuleType, commands: dict[str, Command]
) -> None:
    page = _page(root, generated, "commands.md")
    sections = {part.split("`", 1)[0]: part for part in page.split("\n## `")[1:]}
    missing = []
    for name, command in commands.items():
        section = sections.get(name, "")
        if not section or not (command.help or ""):
            missing.append(f"{name}: no section, or no help text")
        for parameter in command.params:
            hidden = getattr(parameter, "hidden", False)
            options = [option for option in parameter.opts if option.startswith("-")]
            missing += [f"{name} {one}" for one in options if not hidden and one not in section]
            if not hidden and not getattr(parameter, "help", None):
                missing.append(f"{name} {parameter.name}: no help text")
    assert missing == []


def test_every_code_is_documented(
    root: Path, generated: ModuleType, source: Path, modules: dict[str, ast.Module]
) -> None:
    page = _page(root, generated, "errors.md")
    written = {
        code
        for path in source.rglob("*.py")
        for code in re.findall(r'\bcode\s*=\s*"([a-z0-9-]+)"', path.read_text(encoding="utf-8"))
    }
    assert {"image", "bundle"} <= written
    assert sorted(code for code in written if f"\n`{code}`\n" not in page) == []


def test_every_code_can_be_read_off_the_source(modules: dict[str, ast.Module]) -> None:
    """A computed code could not be listed.

    It is a literal, a module's constant, an attribute or item of something that has one, or a
    keyword-only parameter, so that whoever calls the function writes `code="…"`.
    """
    computed = [
        f"{name}:{value.lineno}: code={ast.unparse(value)}"
        for name, tree in modules.items()
        for value in _codes_given(tree)
        if isinstance(value, ast.JoinedStr | ast.BinOp)
        or (isinstance(value, ast.Name) and value.id not in _legible_names(tree))
    ]
    assert computed == []


def _codes_given(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from (keyword.value for keyword in node.keywords if keyword.arg == "code")


def _legible_names(tree: ast.Module) -> set[str]:
    names = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names |= {argument.arg for argument in node.args.kwonlyargs}
    return names


def _documents(root: Path) -> list[Path]:
    pages = [path for path in (root / "docs").rglob("*.md") if "_build" not in path.parts]
    return [*pages, *root.glob("*.md")]


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_every_command_that_a_page_shows_can_be_run_as_it_stands(
    root: Path, commands: dict[str, Command]
) -> None:
    wrong = []
    for path in _documents(root):
        for block in _blocks(path.read_text(encoding="utf-8"), "console"):
            joined = block.replace("\\\n", " ")
            for line in re.findall(SHOWN_COMMAND, joined, re.MULTILINE):
                wrong += [f"{path.name}: {line}: {why}" for why in _wrong_in(line, commands)]
    assert wrong == []


def test_every_command_that_a_page_shows_is_marked_as_one(root: Path) -> None:
    hidden = []
    for path in _documents(root):
        text = path.read_text(encoding="utf-8")
        for language, block in re.findall(r"^```(\S*)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
            lines = re.findall(r"^(?:\$ )?(?:\S+=\S+ )*(?:\S*/)?thoracle .*$", block, re.MULTILINE)
            prompted = language == "console"
            hidden += [
                f"{path.name}: {line}" for line in lines if not (prompted and line.startswith("$ "))
            ]
    assert hidden == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("thoracle examples make 3", None),
        ("thoracle examples make 3 --out films  # a remark", None),
        ('thoracle data build --folder x --patient-pattern "^(\\d+)_" --out m.csv', None),
        ("thoracle --version", None),
        ("thoracle train recipe.toml --run runs/one", None),
        ("thoracle train folder films --model m.onnx", None),
        ("thoracle train folder films --run runs/one", "No such option"),
        ("thoracle examples make", "Missing parameter"),
        ("thoracle data split manifest.csv", "Missing parameter"),
        ("thoracle evaluate radiograph", "Missing parameter"),
        ("thoracle analyze film.png --fast", "No such option"),
        ("thoracle analyze film.png --bundle", "requires an argument"),
        ("thoracle doctor film.png", "unexpected extra argument"),
        ("thoracle results list --limit many", "valid integer"),
        ("thoracle bundles burn", "No such command"),
    ],
)
def test_a_line_that_could_not_be_run_is_seen(
    line: str, why: str | None, commands: dict[str, Command]
) -> None:
    found = list(_wrong_in(line, commands))
    assert len(found) == (why is not None)
    assert why is None or why in found[0]


def _wrong_in(line: str, commands: dict[str, Command]) -> Iterator[str]:
    """Parse a line as the program would, without running anything."""
    words = shlex.split(line, comments=True)
    name = max(
        (" ".join(words[:n]) for n in range(1, len(words) + 1) if " ".join(words[:n]) in commands),
        key=len,
    )
    command, rest = commands[name], words[len(name.split()) :]
    default = getattr(command, "by_default", "")
    if default and rest and rest[0] != "--help":
        name, command = f"{name} {default}", commands[f"{name} {default}"]
    if isinstance(command, TyperGroup) and rest and not rest[0].startswith("-"):
        yield f"No such command {rest[0]!r} of {name}"
        return
    try:
        command.make_context(name, rest)
    except USAGE_ERROR as error:
        yield str(error)
    except typer.Exit:  # --help and --version end here
        return


def test_every_python_block_of_a_page_parses_and_imports_what_exists(root: Path) -> None:
    wrong = []
    for path in _documents(root):
        for block in _blocks(path.read_text(encoding="utf-8"), "python"):
            for node in ast.walk(ast.parse(block)):
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("thoracle"):
                    module = importlib.import_module(node.module or "")
                    names = [alias.name for alias in node.names]
                    wrong += [f"{path.name}: {n}" for n in names if not hasattr(module, n)]
    assert wrong == []


def test_every_relative_link_leads_somewhere(root: Path) -> None:
    dead = []
    for path in _documents(root):
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
            outside = re.match(r"[a-z]+:", target)
            if not outside and not (path.parent / target).exists():
                dead.append(f"{path.relative_to(root)} -> {target}")
    assert dead == []


def test_the_readme_keeps_a_place_for_figures_that_a_command_fills(root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert re.search(r"<!-- figures:begin -->.*<!-- figures:end -->", readme, re.DOTALL)
