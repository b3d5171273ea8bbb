"""Countries have one spelling."""

import pytest

from thoracle.datasets.readers.places import country_of


@pytest.mark.parametrize(
    ("location", "country"),
    [
        ("Cho Ray Hospital, Ho Chi Minh City, Vietnam", "Vietnam"),
        ("Italy", "Italy"),
        ("London, UK", "United Kingdom"),
        ("US", "USA"),
        ("Korea", "South Korea"),
        ("?", None),
        ("", None),
        ("Milan, ", None),
    ],
)
def test_the_last_part_of_a_location_is_the_country(location: str, country: str | None) -> None:
    assert country_of(location) == country
