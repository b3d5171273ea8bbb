"""What a bundle says to the items of CLAIM 2024 on evaluation, results and availability."""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from thoracle.inference.bundle import METRICS
from thoracle.jobs.card import CARD
from thoracle.jobs.claim_answers import DESCRIPTION, RECIPE, Answer, Held, intended
from thoracle.reporting.card_texts import CARD_TEXTS


def _on_card(held: Held) -> Answer | None:
    """Return where a gate's or lungs' figures stand, whose form is another; None without any."""
    names = "; ".join(held.evaluations)
    if not names:
        return None
    text = f"The tables of the model card, each figure with its 95 % interval: {names}."
    return Answer(text=text, place=f"{CARD}, {METRICS}: evaluations")


def _metrics(held: Held) -> Answer | None:
    own = held.own()
    if own is None:
        return _on_card(held)
    text = (
        "AUROC and average precision, sensitivity, specificity, PPV and NPV at the thresholds, "
        "Brier score, expected calibration error."
    )
    return Answer(text=text, place=f"{METRICS}: {own[0]}: overall")


def _uncertainty(held: Held) -> Answer | None:
    own = held.own()
    if own is None:
        return _on_card(held)
    options = own[1]["options"]
    text = (
        f"{100 * options['confidence']:.0f} % intervals: Wilson, DeLong, and "
        f"{options['resamples']} bootstrap resamples of patients."
    )
    return Answer(text=text, place=f"{METRICS}: {own[0]}: options")


def _robustness(held: Held) -> Answer | None:
    if "audit" not in held.metrics:
        return None
    outcomes = Counter(one["outcome"] for one in held.metrics["audit"]["verdicts"])
    told = ", ".join(f"{count} {outcome}" for outcome, count in sorted(outcomes.items()))
    text = f"Verdicts of the shortcut laboratory: {told}."
    return Answer(text=text, place=f"{METRICS}: audit.verdicts")


def _explained(held: Held) -> Answer | None:
    layers = ", ".join(held.bundle.map_layers)
    if not layers:
        return None
    text = f"Grad-CAM and Grad-CAM++ at {layers}, on one scale for all films."
    place = f"{DESCRIPTION}: map_layers, map_scale"
    return Answer(text=text, place=place, is_whole="audit" in held.metrics)


def _internal(held: Held) -> Answer | None:
    own = held.own()
    if own is None:
        return _on_card(held)
    data = own[1]["data"]
    text = f"Judged as {own[0]}: {data['films']} films of {data['patients']} patients."
    return Answer(text=text, place=f"{METRICS}: {own[0]}")


def _external(held: Held) -> Answer | None:
    found = {
        name: one["markdown"]
        for name, one in held.evaluations.items()
        if "Scope: external split" in one["markdown"]
    }
    if not found:
        return None
    before, after = CARD_TEXTS["judged"].split("{bundle}")
    firsts = {markdown.split("\n", 1)[0] for markdown in found.values()}
    others = sorted(
        one.removeprefix(before).removesuffix(after) for one in firsts if one.startswith(before)
    )
    text = f"Films left out of training: {'; '.join(found)}."
    if others:
        text += f" The network judged there is {', '.join(others)}."
    return Answer(text=text, place=f"{METRICS}: evaluations", is_whole=not others)


def _numbers(held: Held) -> Answer | None:
    own = held.own()
    films = held.bundle.training.get("films_in_manifest")
    if own is None or films is None:
        return None
    data = own[1]["data"]
    text = (
        f"{films} films in the manifest; tested on {data['films']} films of {data['patients']} "
        f"patients, {data['films_unknown_reference']} of unknown finding left out."
    )
    return Answer(
        text=text, place=f"{DESCRIPTION}: training; {METRICS}: {own[0]}: data", is_whole=False
    )


def _patients(held: Held) -> Answer | None:
    own = held.own()
    if own is None:
        return None
    age, sex = own[1]["data"]["age"], own[1]["data"]["sex"]
    sexes = ", ".join(f"{key} {count}" for key, count in sex.items())
    text = f"Test films: age known of {age['known']}; sex {sexes}."
    if age["known"]:
        text = (
            f"Test films: median age {age['median_years']:g} years "
            f"({age['lower_quartile_years']:g} to {age['upper_quartile_years']:g}), known of "
            f"{age['known']}; sex {sexes}."
        )
    return Answer(text=text, place=f"{METRICS}: {own[0]}: data", is_whole=False)


def _performance(held: Held) -> Answer | None:
    own = held.own()
    if own is None:
        return _on_card(held)
    parts = [
        f"{pair['positive']} against {pair['negative']} {_plain(pair['auroc_clustered'])}"
        for pair in own[1]["overall"]["pairs"]
        if pair["auroc_clustered"]["value"] is not None
    ]
    if not parts:
        return None
    text = f"AUROC: {'; '.join(parts)}."
    return Answer(text=text, place=f"{METRICS}: {own[0]}: overall.pairs")


def _diagnostic(held: Held) -> Answer | None:
    own = held.own()
    rows = [] if own is None else own[1]["overall"]["threshold"]
    if own is None or not rows:
        return None
    parts = [
        f"{row['label']}: sensitivity {_percent(row['sensitivity'])}, specificity "
        f"{_percent(row['specificity'])}"
        for row in rows
    ]
    return Answer(text=f"{'; '.join(parts)}.", place=f"{METRICS}: {own[0]}: overall.threshold")


def _plain(estimate: Mapping[str, Any]) -> str:
    return "{value:.3f} ({low:.3f} to {high:.3f})".format(**estimate)


def _percent(estimate: Mapping[str, Any]) -> str:
    value, low, high = (estimate[key] for key in ("value", "low", "high"))
    if value is None or low is None or high is None:
        return "unknown"
    return f"{100 * value:.1f} % ({100 * low:.1f} to {100 * high:.1f})"


def _limits(held: Held) -> Answer | None:
    """Return what the card's section on limits says."""
    path = held.bundle.folder / CARD
    card = path.read_text("utf-8") if path.is_file() else ""
    _, mark, after = card.partition(f"## {CARD_TEXTS['limits']}\n")
    if not mark:
        return None
    points = after.partition("\n## ")[0].split("\n- ")
    text = " ".join(" ".join(point.removeprefix("- ").split()) for point in points)
    return Answer(text=text.strip(), place=f"{CARD}: {CARD_TEXTS['limits']}")


def _protocol(held: Held) -> Answer | None:
    digest = held.table["files"].get(RECIPE)
    if digest is None:
        return None
    text = f"The recipe in the bundle, SHA-256 {digest[:12]}, repeats the training."
    return Answer(text=text, place=RECIPE)


def _available(held: Held) -> Answer:
    text = f"Weights: {held.bundle.license}. Software: Apache-2.0."
    return Answer(text=text, place=f"{DESCRIPTION}: license", is_whole=False)


RESULT_ANSWERS: Final[Mapping[int, Callable[[Held], Answer | None]]] = MappingProxyType(
    {
        28: _metrics, 29: _uncertainty, 30: _robustness, 31: _explained, 32: _internal,
        33: _external, 35: _numbers, 36: _patients, 37: _performance, 38: _diagnostic,
        40: _limits, 41: intended, 42: _protocol, 43: _available,
    }
)  # fmt: skip
"""By the item's number."""
