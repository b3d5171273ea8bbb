"""Sphinx extension: writes the pages of settings, commands and error codes from the source itself.

A page holds `<!-- generated: settings -->` (or commands, errors, claim and more); it is replaced
when the page is read, so that nothing in it is typed by hand and nothing in it can be out of date.
"""

import ast
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

SOURCE = Path(__file__).parents[2] / "src" / "thoracle"
_MARK = re.compile(r"^<!-- generated: ([a-z]+) -->$", re.MULTILINE)
_MARKDOWN_SIGNS = re.compile(r"([\\`*_\[\]<>|{}$#])")


def expand(page: str) -> str:
    """Replace every mark of a page by what it asks for.

    Parameters
    ----------
    page
        Markdown with lines such as `<!-- generated: settings -->`.

    Returns
    -------
    str
        The page as Sphinx reads it.
    """
    return _MARK.sub(lambda mark: GENERATORS[mark.group(1)](), page)


def settings_as_markdown() -> str:
    """Return the table of settings."""
    from thoracle.core.settings import settings_table

    rows = ["| variable | default | unit | what it is for |", "|---|---|---|---|"]
    rows += [
        f"| `{row.variable}` | {_escaped(row.default)} | {row.unit} | {_escaped(row.help)} |"
        for row in settings_table()
    ]
    return "\n".join(rows)


def commands_as_markdown() -> str:
    """Return every command with its usage, arguments and options, in the order of `--help`."""
    import typer.main

    from thoracle.cli.main import app

    return "\n".join(_command_lines("thoracle", typer.main.get_command(app)))


def _command_lines(name: str, command: object) -> Iterator[str]:
    import typer
    from typer.core import TyperCommand, TyperGroup

    if not isinstance(command, TyperCommand | TyperGroup) or command.hidden:
        return
    context = typer.Context(command, info_name=name)
    usage = " ".join(command.get_usage(context).split()).removeprefix("Usage: ")
    yield from (f"## `{name}`", "", _escaped(command.help or ""), "", f"```text\n{usage}\n```", "")
    records = [one.get_help_record(context) for one in command.get_params(context)]
    described = [record for record in records if record is not None and record[0] != "--help"]
    if described:
        yield from ("| argument or option | what it does |", "|---|---|")
        yield from (f"| {_as_code(one)} | {_escaped(text)} |" for one, text in described)
        yield ""
    for word, child in getattr(command, "commands", {}).items():
        yield from _command_lines(f"{name} {word}", child)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Code:
    """One code with one of its sentences, as they stand in the source.

    `kind` is the class that carries it: an error class, or Reason for warnings and refusals.
    """

    code: str
    kind: str
    text: str


def codes_in_source(source: Path = SOURCE) -> tuple[Code, ...]:
    """Return every code that the source can give, sorted; computed parts of a sentence are "…"."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted(source.rglob("*.py"))]
    return tuple(sorted({code for tree in trees for code in _codes_of(tree)}))


def errors_as_markdown() -> str:
    """Return the codes of errors, then those of refusals and warnings, with their sentences."""
    codes = codes_in_source()
    errors = [one for one in codes if one.kind != "Reason"]
    reasons = [one for one in codes if one.kind == "Reason"]
    return "\n".join(
        [
            "## Errors\n",
            *_definitions(errors),
            "## Refusals and warnings\n",
            *_definitions(reasons),
        ]
    )


def claim_as_markdown() -> str:
    """Return the CLAIM 2024 checklist of the shipped classifier, one heading deeper."""
    from thoracle.jobs.claim import checklist_markdown, claim_checklist

    text = checklist_markdown(claim_checklist(str(SOURCE / "bundles" / "radiograph")))
    return re.sub(r"^#", "##", text, flags=re.MULTILINE)


def _codes_of(tree: ast.Module) -> Iterator[Code]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            yield from _codes_of_class(node)
        if isinstance(node, ast.Call):
            yield from _codes_of_call(node, tree)


def _codes_of_class(node: ast.ClassDef) -> Iterator[Code]:
    for line in node.body:
        if (
            isinstance(line, ast.Assign)
            and isinstance(line.targets[0], ast.Name)
            and line.targets[0].id == "code"
        ):
            code = _words(line.value, {})
            yield Code(code=code, kind=node.name, text=ast.get_docstring(node) or "")


def _codes_of_call(node: ast.Call, tree: ast.Module) -> Iterator[Code]:
    named = {keyword.arg: keyword.value for keyword in node.keywords}
    if "code" not in named:
        return
    values = _last_values(tree, before_line=node.lineno)
    code = _words(named["code"], values)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", code):
        return
    sentence = named.get("text", node.args[0] if node.args else None)
    kind = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    yield Code(code=code, kind=kind, text=_words(sentence, values))


def _last_values(tree: ast.Module, *, before_line: int) -> dict[str, ast.expr]:
    """Return what each name of a module was last set to above a line, in reading order."""
    assignments = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and node.lineno < before_line
    ]
    return {
        target.id: node.value
        for node in sorted(assignments, key=lambda one: one.lineno)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _words(value: ast.expr | None, values: dict[str, ast.expr]) -> str:
    """Return what an expression says, with "…" where only running it would tell."""
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.JoinedStr):
        return "".join(_words(part, {}) for part in value.values)
    if isinstance(value, ast.BinOp):
        return _words(value.left, values) + _words(value.right, values)
    if isinstance(value, ast.Name) and value.id in values:
        return _words(values[value.id], {})
    return "…"


def _definitions(codes: list[Code]) -> Iterator[str]:
    sentences: dict[str, list[str]] = {}
    for one in codes:
        sentences.setdefault(one.code, []).append(_escaped(one.text))
    for code, texts in sentences.items():
        yield f"`{code}`"
        known = dict.fromkeys(text for text in texts if text.strip(" …"))
        yield from (f": {text}\n" for text in known or ["…"])


def _escaped(text: str) -> str:
    return _MARKDOWN_SIGNS.sub(r"\\\1", " ".join(text.split()))


def _as_code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def texture_as_markdown() -> str:
    """Return a table of texture features for each family."""
    from thoracle.imaging.texture.definitions import FAMILIES, FEATURES

    lines = []
    for family, title in FAMILIES.items():
        lines += [f"## {title}", "", "| feature | name | IBSI | formula |", "|---|---|---|---|"]
        lines += [
            f"| {one.title} | `{one.name}` | {one.code or '–'} | {_escaped(one.formula)} |"
            for one in FEATURES.values()
            if one.family == family
        ]
        lines.append("")
    return "\n".join(lines)


def breathing_as_markdown() -> str:
    """Return the ranges of the published simulation model."""
    from thoracle.datasets.breathing.rsm_ranges import RSM, Ranges

    heads = ("pattern", "cuts, s", "a", "b, rad/s", "c", "d, 1/s", "pause begins")
    rows = [" | ".join(heads), "|".join(["---"] * len(heads))]
    pauses: dict[Ranges, list[str]] = {}
    for name, pattern in RSM.items():
        places = _alike([*pattern.cuts_s])
        each = "each in " if len(places) == 1 else "one each in "
        cuts = each + ", ".join(_span(*one) for one in places)
        ranges = zip(*(one.bounds for one in pattern.segments), strict=True)
        told = [", ".join(_span(*one) for one in _alike([*each])) for each in ranges]
        until = pattern.pause_until_s
        begins = "–" if until is None else f"from the last cut to {until} s"
        rows.append(" | ".join([f"`{name}`", f"{len(pattern.cuts_s)}, {cuts}", *told, begins]))
        if pattern.pause is not None:
            pauses.setdefault(pattern.pause, []).append(name)
    for pause, names in pauses.items():
        told = [_span(*each) for each in pause.bounds]
        rows.append(
            " | ".join([f"pause of {', '.join(f'`{one}`' for one in names)}", "–", *told, "–"])
        )
    return "\n".join(f"| {row} |" for row in rows)


def habits_as_markdown() -> str:
    """Return how each pattern is breathed in the physiological model."""
    from thoracle.datasets.breathing.physiology_ranges import HABITS

    heads = (
        "pattern", "breaths a minute", "mean depth", "depth varies by", "breathing, s", "apnea, s",
        "waxes and wanes", "sighs",
    )  # fmt: skip
    rows = [" | ".join(heads), "|".join(["---"] * len(heads))]
    for name, one in HABITS.items():
        spans = (one.rate_per_minute, one.depth, one.depth_variation, one.breathing_s, one.apnea_s)
        told = ["–" if each is None else _span(*each) for each in spans]
        yes = ["yes" if each else "–" for each in (one.is_waxing, one.has_sighs)]
        rows.append(" | ".join([f"`{name}`", *told, *yes]))
    return "\n".join(f"| {row} |" for row in rows)


def variables_as_markdown() -> str:
    """Return a table of the variables of charts for each kind, in the order of the contract."""
    from thoracle.prognosis.variables import KINDS, VARIABLES

    lines = []
    for kind in KINDS:
        heads = ("place", "variable", "name", "unit", "plausible", "reference", "converts", "LOINC",
                 "names in files")  # fmt: skip
        lines += [f"## {kind.capitalize()}", "", " | ".join(heads), "|".join(["---"] * len(heads))]
        lines += [
            " | ".join(
                (
                    str(place),
                    _escaped(one.title),
                    f"`{one.name}`",
                    _escaped(one.unit) or "–",
                    _ends(one.low, one.high),
                    _ends(one.reference_low, one.reference_high),
                    _listed(f'"{unit.name}"' for unit in one.units[1:]),
                    _listed(
                        f"{code} ({one.qualifiers[code]})" if code in one.qualifiers else code
                        for code in one.loinc
                    ),
                    _listed(one.names),
                )
            )
            for place, one in enumerate(VARIABLES)
            if one.kind == kind
        ]
        lines.append("")
    return "\n".join(f"| {line} |" if " | " in line or "---" in line else line for line in lines)


def references_as_markdown() -> str:
    """Return where reference ranges come from, with the variables that each source gives."""
    from thoracle.prognosis.variables import VARIABLES

    told: dict[str, list[str]] = {}
    for one in VARIABLES:
        told.setdefault(one.source, []).append(f"`{one.name}`")
    return "\n".join(f"- {_escaped(source)}: {', '.join(names)}" for source, names in told.items())


def problems_as_markdown() -> str:
    """Return every reason for which values are kept out, as it is printed."""
    from thoracle.datasets.prognosis.problems import Kind, Problem

    texts = []
    for kind in Kind:
        one = Problem(
            kind=kind, source="FILE", variable="hemoglobin", detail="…", rows=1, values=0,
            places=(2,),
        )  # fmt: skip
        texts.append(f"| {kind} | {_escaped(one.text.partition(': ')[2])} |")
    return "\n".join(
        ["| reason | what is printed behind file, variable and rows |", "|---|---|", *texts]
    )


def _ends(low: float, high: float) -> str:
    if math.isnan(low) and math.isnan(high):
        return "–"
    if math.isnan(low):
        return f"≤ {high:g}"
    return f"≥ {low:g}" if math.isnan(high) else f"{low:g}–{high:g}"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(_escaped(text) for text in texts) or "–"


def _span(low: float, high: float) -> str:
    return f"±{high:g}" if low == -high else f"{low:g}–{high:g}"


def _alike(values: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return one value where all are the same."""
    return values[:1] if len(set(values)) == 1 else values


GENERATORS: dict[str, Callable[[], str]] = {
    "settings": settings_as_markdown,
    "commands": commands_as_markdown,
    "texture": texture_as_markdown,
    "errors": errors_as_markdown,
    "claim": claim_as_markdown,
    "breathing": breathing_as_markdown,
    "habits": habits_as_markdown,
    "variables": variables_as_markdown,
    "references": references_as_markdown,
    "problems": problems_as_markdown,
}


def setup(app: "Sphinx") -> dict[str, bool]:
    """Register with Sphinx."""

    def replace(_app: "Sphinx", _page: str, source: list[str]) -> None:
        source[0] = expand(source[0])

    app.connect("source-read", replace)
    return {"parallel_read_safe": True}
