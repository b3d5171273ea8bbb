"""Write the figures of the shipped bundles into README.md, from their own metrics."""

import sys
from collections.abc import Iterator
from pathlib import Path

from thoracle.jobs.about import AboutBundle, Figure, about_bundles, printed

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"
HEAD = (
    "| measured on | what | cases | value (95 % interval) |",
    "| --- | --- | --- | --- |",
)
NAMES = {
    "auroc": "AUROC, {0} against {1}",
    "mean dice": "mean Dice, {0}",
    "risk auroc": "AUROC, death in the stay, {0}, {1}",
    "ct dice": "mean Dice over patients, {0}",
    "ct error": "mean absolute error over patients, {0}, points",
}


def tables() -> Iterator[str]:
    """Yield one Markdown table per shipped bundle."""
    for bundle in about_bundles("radiograph"):
        rows = "\n".join((*HEAD, *(row_of(one) for one in bundle.figures)))
        yield f"### {bundle.name} {bundle.version}: {_lead(bundle)}\n\n{rows}"


def row_of(figure: Figure) -> str:
    """Return one figure as a row."""
    name = NAMES.get(figure.what, figure.what + ": {0}").format(*figure.labels)
    other = "" if figure.judged is None else f" ({figure.judged})"
    return f"| {figure.evaluation}{other} | {name} | {figure.films} | {printed(figure)} |"


def _lead(bundle: AboutBundle) -> str:
    return bundle.intended_use.split(". ")[0].rstrip(".")


def main() -> int:
    """Replace what stands between the marks; 1 when README.md has no marks."""
    text = README.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        sys.stderr.write("found no marks for figures in README.md – expected both. Put them in.\n")
        return 1
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    found = "\n\n".join(tables())
    README.write_text(f"{before}{BEGIN}\n{found}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
