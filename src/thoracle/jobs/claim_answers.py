"""What a bundle says to the items of CLAIM 2024 on data, reference, parts, model and training."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from thoracle.inference.bundle import METRICS, Bundle
from thoracle.jobs.card import shown_size

RECIPE: Final = "recipe.toml"
DESCRIPTION: Final = "bundle.toml"
_BACKBONE: Final = "network.backbone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a bundle says to an item, and the file and key where that stands.

    `is_whole` is false where the item asks for more than a bundle can know.
    """

    text: str
    place: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a bundle holds: its description, its recipe, and its evaluations."""

    bundle: Bundle
    table: Mapping[str, Any] = field(repr=False)
    recipe: Mapping[str, Any] = field(repr=False)
    metrics: Mapping[str, Any] = field(repr=False)

    @property
    def evaluations(self) -> Mapping[str, Any]:
        """Its evaluations by name."""
        found: Mapping[str, Any] = self.metrics.get("evaluations", {})
        return found

    def own(self) -> tuple[str, Mapping[str, Any]] | None:
        """Return the first evaluation of findings of this very network, None without."""
        network = self.table["files"]["network.onnx"]
        for name, one in self.evaluations.items():
            if one.get("network_digest") == network and "data" in one["figures"]:
                return name, one["figures"]
        return None

    def stages(self) -> list[Mapping[str, Any]]:
        """Return the stages of the recipe, none without one."""
        return list(self.recipe.get("stages", []))


def _kind(held: Held) -> Answer | None:
    if not held.recipe:
        return None
    named, place = _named(held.recipe["network"])
    if place == _BACKBONE:
        text = f"Deep learning: the convolutional network {named}, task {held.bundle.task}."
    else:
        text = f"Deep learning: a network of {named}, task {held.bundle.task}."
    return Answer(text=text, place=f"{RECIPE}: {place}, task")


def _named(network: Mapping[str, Any]) -> tuple[str, str]:
    """Return what a recipe says of its network, and where: a backbone's name, or its parts."""
    if "backbone" in network:
        return str(network["backbone"]), _BACKBONE
    return "; ".join(f"{key} {value}" for key, value in network.items()), "network"


def intended(held: Held) -> Answer:
    """Return what the bundle is for, which two items ask for."""
    return Answer(
        text=held.bundle.intended_use, place=f"{DESCRIPTION}: intended_use", is_whole=False
    )


def _retrospective(held: Held) -> Answer | None:
    if "manifest_digest" not in held.bundle.training:
        return None
    text = "Retrospective: the films existed before the manifest was made."
    return Answer(text=text, place=f"{DESCRIPTION}: training.manifest_digest", is_whole=False)


def _goal(held: Held) -> Answer:
    text = f"To make a model of task {held.bundle.task}, and to test it on held-out patients."
    return Answer(text=text, place=f"{DESCRIPTION}: task", is_whole=False)


def _sources(held: Held) -> Answer | None:
    named = {source for stage in held.stages() for source in stage.get("sources", [])}
    own = held.own()
    named |= set() if own is None else set(own[1]["data"]["by_source"])
    if not named:
        return None
    films = held.bundle.training.get("films_in_manifest", "unknown")
    text = f"Collections {', '.join(sorted(named))}; {films} films in the manifest."
    place = f"{RECIPE}: stages.sources; {METRICS}: data.by_source"
    return Answer(text=text, place=place, is_whole=False)


def _included(held: Held) -> Answer | None:
    parts = [
        f"{stage['name']}: {', '.join(stage.get('populations', [])) or 'all ages'}, "
        f"{', '.join(stage.get('sources', [])) or 'all sources'}"
        for stage in held.stages()
    ]
    if not parts:
        return None
    text = f"Films by stage: {'; '.join(parts)}."
    return Answer(text=text, place=f"{RECIPE}: stages.populations, stages.sources", is_whole=False)


def _preprocessing(held: Held) -> Answer:
    text = f"{shown_size(held.bundle)} grey: {held.bundle.input_form}."
    return Answer(text=text, place=f"{DESCRIPTION}: input")


def _subset(held: Held) -> Answer | None:
    for key in ("lungs_network", "lungs_digest"):
        digest = held.bundle.training.get(key)
        if digest is not None:
            text = f"The box of the lungs, found by the lung bundle {digest[:12]}."
            return Answer(text=text, place=f"{DESCRIPTION}: training.{key}")
    return None


def _missing_data(held: Held) -> Answer | None:
    own = held.own()
    if own is None:
        return None
    unknown = own[1]["data"]["films_unknown_reference"]
    text = (
        f"{unknown} films of unknown finding are left out of the figures; unknown age, sex and "
        "view stay unknown, and nothing is imputed."
    )
    return Answer(text=text, place=f"{METRICS}: {own[0]}: data.films_unknown_reference")


def _acquisition(held: Held) -> Answer | None:
    own = held.own()
    if own is None:
        return None
    views = ", ".join(f"{view} {count}" for view, count in own[1]["data"]["view"].items())
    text = f"Views of the test films: {views}."
    return Answer(text=text, place=f"{METRICS}: {own[0]}: data.view", is_whole=False)


def _reference(held: Held) -> Answer | None:
    films = held.bundle.training.get("films_of_readers")
    if films is None:
        return None
    text = f"{films} films by what more than half of their readers named; others by collection."
    return Answer(text=text, place=f"{DESCRIPTION}: training.films_of_readers", is_whole=False)


def _assigned(held: Held) -> Answer | None:
    digest = held.bundle.training.get("split_sha256")
    if digest is None:
        return None
    text = (
        "By groups of patients and near-duplicates, stratified by source and label, into train, "
        f"tune, calibrate and test; split {digest[:12]}."
    )
    return Answer(text=text, place=f"{DESCRIPTION}: training.split_sha256")


def _disjoint(held: Held) -> Answer | None:
    if "split_sha256" not in held.bundle.training:
        return None
    text = "Patients, and chains of near-duplicates; a split that leaks is refused."
    return Answer(text=text, place=f"{DESCRIPTION}: training.split_sha256")


def _model(held: Held) -> Answer | None:
    if not held.recipe:
        return None
    labels = ", ".join(one.name for one in held.bundle.labels)
    named, _place = _named(held.recipe["network"])
    text = f"{named}; input {shown_size(held.bundle)}, one channel; outputs {labels}."
    return Answer(text=text, place=f"{RECIPE}: network; {DESCRIPTION}: input, labels")


def _software(held: Held) -> Answer | None:
    version = held.bundle.training.get("software_version")
    if version is None:
        return None
    if "backbone" in held.recipe.get("network", {"backbone": ""}):
        text = f"Thoracle {version} with torch, timm and lightning; exported as ONNX."
    else:
        text = f"Thoracle {version} with torch and lightning; exported as ONNX."
    return Answer(text=text, place=f"{DESCRIPTION}: training.software_version", is_whole=False)


def _initial(held: Held) -> Answer | None:
    if not held.recipe:
        return None
    champion = held.bundle.training.get("retrained_from")
    network = held.recipe["network"]
    if champion is not None:
        text = f"From the weights of the bundle {champion[:12]}, or by its recipe."
    elif network.get("pretrained") or network.get("weights"):
        text = "From pretrained weights that the recipe names."
    else:
        text = f"At random with seed {held.recipe['seed']}; no pretrained weights."
    return Answer(text=text, place=f"{RECIPE}: network, seed")


def _training(held: Held) -> Answer | None:
    stages = [
        f"{one['name']}: {one['epochs']} epochs, learning rate {one['learning_rate']:g}, batch "
        f"{one.get('batch', 16)}"
        for one in held.stages()
    ]
    if not stages:
        return None
    varied = ", ".join(sorted(key.replace("_", " ") for key in held.recipe.get("augment", {})))
    text = f"AdamW in stages: {'; '.join(stages)}. Varied: {varied or 'nothing'}."
    return Answer(text=text, place=f"{RECIPE}: stages, augment")


def _selection(held: Held) -> Answer | None:
    if not held.stages():
        return None
    last = held.stages()[-1]
    patience = last.get("patience", 0)
    ends = f"stopped after {patience} epochs without gain" if patience else "the last epoch"
    mean = ", averaged over training steps" if last.get("average") else ""
    text = f"Weights of stage {last['name']}: {ends}{mean}. Nothing says how the recipe was chosen."
    return Answer(text=text, place=f"{RECIPE}: stages", is_whole=False)


def _ensemble(_held: Held) -> Answer:
    text = "None: one network."
    return Answer(text=text, place="network.onnx")


METHOD_ANSWERS: Final[Mapping[int, Callable[[Held], Answer | None]]] = MappingProxyType(
    {
        1: _kind, 3: intended, 5: _retrospective, 6: _goal, 7: _sources, 8: _included,
        9: _preprocessing, 10: _subset, 12: _missing_data, 13: _acquisition, 14: _reference,
        19: _assigned, 20: _disjoint, 22: _model, 23: _software, 24: _initial, 25: _training,
        26: _selection, 27: _ensemble,
    }
)  # fmt: skip
"""By the item's number."""
