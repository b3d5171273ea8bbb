"""The flow diagram of a cohort, as STROBE and STARD draw it: boxes with n, and reasons beside."""

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

_MAIN_X, _MAIN_WIDTH = 10, 370  # px, as all below
_SIDE_X, _SIDE_WIDTH = 430, 380
_LINE, _PAD, _GAP = 18, 10, 22
_TITLE = "Cohort flow diagram"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowStep:
    """One box: its title, what it counts, and what was left out on the way to it, with reasons."""

    title: str
    xrays: int
    patients: int
    left_out: tuple[tuple[str, int], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """The box's text."""
        return (self.title, f"{self.xrays} X-rays of {self.patients} patients")

    @property
    def left_out_lines(self) -> tuple[str, ...]:
        """The text of the box beside; empty where nothing can be left out."""
        if not self.left_out:
            return ()
        total = sum(count for _, count in self.left_out)
        return (f"Left out: {total} X-rays", *(f"{count} {why}" for why, count in self.left_out))


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortFlow:
    """The steps from all X-rays to the cohort, and what the cohort's films are taken for."""

    steps: tuple[FlowStep, ...]
    classes: tuple[tuple[str, int], ...]

    @property
    def class_lines(self) -> tuple[str, ...]:
        """The text of the last box."""
        return ("Reference standard", *(f"{count} {name}" for name, count in self.classes))


def flow_text(flow: CohortFlow) -> str:
    """Write the diagram as lines of text, what is left out indented; ends with a newline."""
    lines: list[str] = []
    for step in flow.steps:
        lines += [f"  - {line}" if i else f"  {line}" for i, line in enumerate(step.left_out_lines)]
        lines.append(": ".join(step.lines))
    head, *classes = flow.class_lines
    lines += [head, *(f"  {line}" for line in classes)]
    return "\n".join(lines) + "\n"


def flow_svg(flow: CohortFlow) -> str:
    """Draw the diagram as SVG without fonts, scripts or files from elsewhere.

    Parameters
    ----------
    flow
        The steps; text is escaped.

    Returns
    -------
    str
        The same for the same counts; its text is the description for those who cannot see it.
    """
    parts: list[str] = []
    top = _GAP
    for index, step in enumerate(flow.steps):
        if index:
            beside = _height(step.left_out_lines) if step.left_out else 0
            middle = top + _GAP // 2 + beside // 2
            parts.append(_arrow(_MAIN_X + _MAIN_WIDTH // 2, top, top + beside + _GAP))
            if step.left_out:
                parts.extend(_box(_SIDE_X, top + _GAP // 2, _SIDE_WIDTH, step.left_out_lines))
                parts.append(_branch(middle))
            top += beside + _GAP
        parts.extend(_box(_MAIN_X, top, _MAIN_WIDTH, step.lines))
        top += _height(step.lines)
    parts.append(_arrow(_MAIN_X + _MAIN_WIDTH // 2, top, top + _GAP))
    parts.extend(_box(_MAIN_X, top + _GAP, _MAIN_WIDTH, flow.class_lines))
    height = top + _GAP + _height(flow.class_lines) + _GAP
    return "\n".join(_framed(parts, flow, height)) + "\n"


def _framed(parts: list[str], flow: CohortFlow, height: int) -> Iterator[str]:
    width = _SIDE_X + _SIDE_WIDTH + _MAIN_X
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" font-family="sans-serif" font-size="13">'
    )
    yield f"<title>{_TITLE}</title>"
    yield f"<desc>{escape(flow_text(flow))}</desc>"
    yield f'<rect width="{width}" height="{height}" fill="#fff"/>'
    yield from parts
    yield "</svg>"


def _height(lines: tuple[str, ...]) -> int:
    return len(lines) * _LINE + 2 * _PAD


def _box(x: int, y: int, width: int, lines: tuple[str, ...]) -> Iterator[str]:
    yield (
        f'<rect x="{x}" y="{y}" width="{width}" height="{_height(lines)}" fill="#f4f6f8" '
        'stroke="#5a6570"/>'
    )
    for index, line in enumerate(lines):
        weight = ' font-weight="600"' if index == 0 else ""
        base = y + _PAD + index * _LINE + 13
        yield f'<text x="{x + _PAD}" y="{base}" fill="#1a1f26"{weight}>{escape(line)}</text>'


def _arrow(x: int, top: int, bottom: int) -> str:
    return (
        f'<path d="M{x} {top}V{bottom - 1}m-4 -6l4 6l4 -6" fill="none" stroke="#5a6570" '
        'stroke-width="1.5"/>'
    )


def _branch(y: int) -> str:
    start, end = _MAIN_X + _MAIN_WIDTH // 2, _SIDE_X - 1
    return (
        f'<path d="M{start} {y}H{end}m-6 -4l6 4l-6 4" fill="none" stroke="#5a6570" '
        'stroke-width="1.5"/>'
    )
