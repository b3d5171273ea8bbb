"""`thoracle prognosis variables`: every variable with its units, as a table and as JSON."""

import json

from typer.testing import CliRunner

from thoracle.cli.main import app
from thoracle.prognosis.variables import VARIABLES


def _said(*words: str) -> str:
    result = CliRunner().invoke(app, ["prognosis", "variables", *words])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_all_variables_are_listed_in_their_order() -> None:
    told = json.loads(_said("--json"))
    assert [one["name"] for one in told] == [one.name for one in VARIABLES]
    assert all(one["units"][0] == one["unit"] for one in told)
    assert all(one.name in _said() for one in VARIABLES[:3])


def test_a_word_finds_names_titles_and_codes() -> None:
    (urea,) = json.loads(_said("BUN", "--json"))
    assert (urea["name"], urea["plausible"], urea["reference"]) == ("urea", [0.3, 100], [2.6, 9.5])
    assert urea["units"] == ["mmol/L", "mg/dL urea", "mg/dL urea nitrogen"]
    assert [one["name"] for one in json.loads(_said("14804-9", "hs crp", "--json"))] == [
        "ldh",
        "hs_crp",
    ]


def test_a_table_names_the_units_that_are_read() -> None:
    row = next(line for line in _said("platelet_count").splitlines() if "platelet_count" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")] == [
        "platelet_count",
        "Platelets",
        "10⁹/L",
        "/µL",
        "0–2500",
        "777-3, 26515-7",
    ]


def test_a_word_of_nothing_is_said_to_be_none() -> None:
    assert "No variable goes by that" in _said("shoe size")
