"""Write the figures of the shipped bundles into README.md, from their own metrics."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUNDLES = ROOT / "src" / "thoracle" / "bundles"
OTHER_NETWORK = "Judged here:"  # as thoracle.jobs.card writes it
BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"


def sections() -> Iterator[str]:
    """Yield one Markdown section per evaluation that stands in a bundle."""
    for folder in sorted(BUNDLES.glob("*/metrics.json")):
        evaluations = json.loads(folder.read_text(encoding="utf-8"))["evaluations"]
        for name, one in sorted(evaluations.items()):
            yield f"### {folder.parent.name}: {name}\n\n{shortened(name, one['markdown'])}"


def shortened(name: str, markdown: str) -> str:
    """Return the text up to its first table, and that of the pairs; model cards have the rest.

    Of a network that was trained without something, only the rows of that thing are kept.
    """
    blocks = markdown.strip().split("\n\n")
    first = next(place for place, block in enumerate(blocks) if block.startswith("|"))
    pairs = [block for block in blocks[first + 1 :] if block.startswith("| Pair |")]
    if markdown.startswith(OTHER_NETWORK):
        heads, rows = blocks[first].splitlines()[:2], blocks[first].splitlines()[2:]
        named = [row for row in rows if row.split("|")[1].strip() in name]
        blocks[first] = "\n".join([*heads, *(named or rows)])
    return "\n\n".join([*blocks[: first + 1], *pairs])


def main() -> int:
    """Replace what stands between the marks; 1 when README.md has no marks or no figure exists."""
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    found = "\n\n".join(sections())
    if BEGIN not in text or END not in text or not found:
        sys.stderr.write("found no marks or no metrics – expected both. Evaluate with --attach.\n")
        return 1
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    readme.write_text(f"{before}{BEGIN}\n{found}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
