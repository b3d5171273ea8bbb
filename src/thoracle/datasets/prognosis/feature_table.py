"""Features of one moment with what came later, for sets that are no charts; and their folder."""

import csv
import gzip
import io
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from thoracle.core.arrays import DoubleArray
from thoracle.core.errors import ChartError
from thoracle.core.files import replaced_folder, sha256_of, write_atomically
from thoracle.core.version import version
from thoracle.datasets.prognosis.cohort import Source
from thoracle.datasets.prognosis.problems import Problem

FEATURES: Final = "features.csv.gz"
TABLE_FACTS: Final = "table.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureTable:
    """What was known of each subject at one moment, and what came later.

    Attributes
    ----------
    name
        Of the set.
    event
        What `labels` tell of.
    subjects : (subjects,)
        Pseudonyms; a patient may be more than one where the set does not tell who is who.
    features
        Names of the columns of `values`.
    values : (subjects, features) float64
        NaN where nothing is known. `unit_note` tells what numbers mean.
    labels : (subjects,) float64
        1 where the event came, 0 where not.
    unit_note
        Units, or that there are none.
    """

    name: str
    event: str
    subjects: tuple[str, ...] = field(repr=False)
    features: tuple[str, ...] = field(repr=False)
    values: DoubleArray = field(repr=False)
    labels: DoubleArray = field(repr=False)
    unit_note: str
    problems: tuple[Problem, ...] = field(repr=False)
    sources: tuple[Source, ...]


def write_table(table: FeatureTable, folder: Path) -> None:
    """Write a table's folder; it is whole or not there.

    Parameters
    ----------
    table
        Of a reader.
    folder
        A new or empty one, or that of an older table, which is replaced.

    Raises
    ------
    ChartError
        The folder holds something else.
    """
    if folder.exists() and not (folder / TABLE_FACTS).exists() and any(folder.iterdir()):
        raise ChartError(
            f"found files in {folder} that are no table of features – expected a new or empty "
            "folder, or an older table's. Choose another.",
            code="chart-folder",
        )
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(_lines(table))
    packed = gzip.compress(stream.getvalue().encode(), compresslevel=6, mtime=0)
    facts = {
        "format": 1,
        "made_by": f"Thoracle {version()}",
        "name": table.name,
        "event": table.event,
        "subjects": len(table.subjects),
        "events": int(table.labels.sum()),
        "features": list(table.features),
        "units": table.unit_note,
        "sources": [asdict(one) for one in table.sources],
        "problems": [{**asdict(one), "text": one.text} for one in table.problems],
        "sha256": {FEATURES: sha256_of(packed)},
    }
    with replaced_folder(folder) as place:
        write_atomically(place / FEATURES, packed)
        text = json.dumps(facts, indent=1, ensure_ascii=False, allow_nan=False)
        write_atomically(place / TABLE_FACTS, (text + "\n").encode())


def _lines(table: FeatureTable) -> Iterator[Sequence[object]]:
    yield "subject", table.event, *table.features
    for subject, label, values in zip(
        table.subjects, table.labels.tolist(), table.values.tolist(), strict=True
    ):
        yield subject, int(label), *("" if math.isnan(value) else value for value in values)
