"""`thoracle prognosis predict`: the risk of one patient in full, or of many, a line each."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thoracle.cli.outputs import file_to_write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from thoracle.jobs.prognosis_files import OpenedCharts
    from thoracle.jobs.prognosis_predict import OpenedReader
    from thoracle.jobs.prognosis_prior import PriorRequest
    from thoracle.prognosis.reading import ChartReading

_SHOWN = 6  # lines of a list on a terminal; the report has all


def _known_language(code: str) -> str:
    """Return a code, once it is sure that it is one.

    Raises
    ------
    typer.BadParameter
        There is no such language.
    """
    from thoracle.core.languages import LANGUAGES

    if code not in LANGUAGES:
        raise typer.BadParameter(f"found {code!r} – expected {' or '.join(LANGUAGES)}.")
    return code


def predict(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="A cohort's folder, tables, FHIR bundles (JSON), or one patient's measurements.",
        ),
    ],
    *,
    schema: Annotated[
        Path | None,
        typer.Option(metavar="TOML", help="Declares the columns, units and times of a table."),
    ] = None,
    admitted: Annotated[
        str,
        typer.Option(
            metavar="TIME",
            help="When one patient was admitted whose file does not say it: 2020-02-01T08:00.",
        ),
    ] = "",
    patient: Annotated[
        str | None, typer.Option(help="Tell one patient in full; of several stays the last.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(
            metavar="TIME",
            help="Index time: hours since admission, or date and time. The last measurement if "
            "not given. Nothing later is looked at.",
        ),
    ] = None,
    bundle: Annotated[str, typer.Option(help="Name or folder of the bundle.")] = "prognosis",
    json: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT", callback=file_to_write, help="JSON of all that is told of one patient."
        ),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option(metavar="OUT", callback=file_to_write, help="Report on one patient."),
    ] = None,
    language: Annotated[
        str, typer.Option(callback=_known_language, help="Of the report: en or pt.")
    ] = "en",
    film: Annotated[
        Path | None,
        typer.Option(
            metavar="JSON",
            help="A film of the patient, as thoracle analyze --json wrote it, whose diagnosis is "
            "told at the local prevalence.",
        ),
    ] = None,
    prevalence: Annotated[
        Path | None,
        typer.Option(
            metavar="TABLE",
            help="CSV: place, week (ISO), and prevalence (0 to 1) or cases and population, of "
            "patients like those who get a film.",
        ),
    ] = None,
    place: Annotated[str | None, typer.Option(help="As the table of prevalences has it.")] = None,
    week: Annotated[
        str | None, typer.Option(help="As 2020-W14; that of the index time if not given.")
    ] = None,
) -> None:
    """Predict death from what was known at a time: how likely, why, and what to measure next.

    Of one patient all is told; of several a CSV line each, on the standard output.
    """
    from thoracle.jobs.prognosis_predict import OpenedReader

    prior = _prior_request(film, prevalence, place, week)
    opened = OpenedReader.open(bundle)
    sources = _opened(files, schema, admitted)
    _tell_kept_out(sources, patient)
    if patient is not None or sum(len(one.charts) for one in sources) == 1:
        reading = _read_one(sources, patient, at, opened, prior)
        _tell_one(reading)
        _write(reading, json=json, html=html, language=language)
    else:
        _need_none_of_one(prior, json, html)
        _tell_many(sources, at, opened)


def _need_none_of_one(*given: object) -> None:
    """Stop where something is asked for that is told of one patient.

    Raises
    ------
    typer.BadParameter
        It is.
    """
    if any(one is not None for one in given):
        raise typer.BadParameter(
            "found several patients – expected one for a report. Choose one with --patient."
        )


def _opened(files: list[Path], schema: Path | None, admitted: str) -> "list[OpenedCharts]":
    from thoracle.jobs.chart_measurements import checked_admission
    from thoracle.jobs.prognosis_files import open_charts

    said = checked_admission(admitted)
    return [open_charts(path, schema=schema, admitted_at=said) for path in files]


def _tell_kept_out(sources: "Sequence[OpenedCharts]", patient: str | None) -> None:
    """Say what was kept out; where one of many stays is asked for, how much of all."""
    for one in sources:
        if one.kept_out and patient is not None and len(one.charts) > 1:
            typer.echo(
                f"kept out: {len(one.kept_out)} in the list of all {len(one.charts)} stays, which "
                "does not name patients. Leave --patient out to see it.",
                err=True,
            )
            continue
        for sentence in one.kept_out:
            typer.echo(f"kept out: {sentence}", err=True)


def _prior_request(
    film: Path | None, prevalence: Path | None, place: str | None, week: str | None
) -> "PriorRequest | None":
    """Return what the local prevalence is asked for with.

    Raises
    ------
    typer.BadParameter
        Only a part of it is given.
    """
    from thoracle.jobs.prognosis_prior import PriorRequest

    if film is None and prevalence is None and place is None and week is None:
        return None
    if film is None or prevalence is None or place is None:
        raise typer.BadParameter(
            "found only some of --film, --prevalence and --place – expected all three, to tell a "
            "film's diagnosis at the local prevalence."
        )
    return PriorRequest(film=film, table=prevalence, place=place, week=week)


def _tell_many(sources: "Sequence[OpenedCharts]", at: str | None, opened: "OpenedReader") -> None:
    import csv

    from thoracle.jobs.prognosis_table import COLUMNS, risk_rows

    writer = csv.writer(typer.get_text_stream("stdout"), lineterminator="\n")
    writer.writerow(COLUMNS)
    charts = (chart for one in sources for chart in one.charts)
    writer.writerows(risk_rows(charts, at=at, opened=opened))


def _read_one(
    sources: "Sequence[OpenedCharts]",
    patient: str | None,
    at: str | None,
    opened: "OpenedReader",
    prior: "PriorRequest | None",
) -> "ChartReading":
    from dataclasses import replace

    from thoracle.jobs.prognosis_predict import index_of, read_chart, the_patient
    from thoracle.jobs.prognosis_prior import film_diagnosis

    charts = [chart for one in sources for chart in one.charts]
    chart = charts[0] if patient is None else the_patient(charts, patient)
    source = next(one for one in sources if any(own is chart for own in one.charts))
    index_h = index_of(chart, at)
    diagnosis = None if prior is None else film_diagnosis(prior, chart, index_h=index_h)
    reading = read_chart(chart, index_h=index_h, opened=opened, sha256=source.sha256)
    return replace(reading, prior=diagnosis)


def _tell_one(reading: "ChartReading") -> None:
    for line in _lines(reading):
        typer.echo(line)
    for warning in reading.warnings:
        typer.echo(f"{warning.text} [{warning.code}]", err=True)


def _lines(reading: "ChartReading") -> Iterator[str]:
    """Yield what is told of one patient, in plain words."""
    from thoracle.core.languages import ENGLISH_TEXTS
    from thoracle.reporting.chart_view import chart_view

    view = chart_view(reading, ENGLISH_TEXTS)
    yield f"{view.title}: {view.about}"
    yield view.known_until
    yield view.headline if not view.refusal else view.refusal
    for horizon, risk, interval in view.risks:
        yield f"  {horizon:16} {risk:>7} ({interval})"
    if view.drove:
        yield "What drove the risk, points until discharge:"
        for row in view.drove[:_SHOWN]:
            title, value, _, when, points, _ = row.cells
            said = f"{title} {value} {row.flag}".rstrip()
            yield f"  {points:>14}  {said}" + (f", {when}" if when else "")
    yield f"Three-marker rule: {view.rule}. {view.rule_reason}"
    yield f"NEWS2: {view.news2}"
    if view.suggested:
        yield "What would move the risk furthest, if measured, points until discharge:"
        for name, when, likely, change, _ in view.suggested[:_SHOWN]:
            yield f"  {change:>6}  {name}, measured {when}: likely {likely}"
    yield from view.prior


def _write(reading: "ChartReading", *, json: Path | None, html: Path | None, language: str) -> None:
    from thoracle.core.files import write_atomically
    from thoracle.core.languages import language as language_of
    from thoracle.core.results import DISCLAIMER

    if json is not None:
        from json import dumps

        from thoracle.prognosis.reading import reading_json

        said = {**reading_json(reading), "disclaimer": DISCLAIMER}
        text = dumps(said, indent=1, ensure_ascii=False, allow_nan=False)
        write_atomically(json, f"{text}\n".encode())
    if html is not None:
        from thoracle.reporting.chart_html import chart_html

        write_atomically(html, chart_html(reading, language_of(language)).encode())
    typer.echo(DISCLAIMER)
