"""A table of figures in Markdown."""

from thoracle.reporting.figure_table import FigureTable


def test_a_table_is_written_row_by_row() -> None:
    table = FigureTable(caption="c", head=("a", "b"), rows=(("1", "2"), ("3", "4")))
    assert table.markdown == "| a | b |\n| --- | --- |\n| 1 | 2 |\n| 3 | 4 |"
