"""Country names as the collections write them, brought to one spelling."""

_SPELLINGS = {
    "US": "USA",
    "United States": "USA",
    "UK": "United Kingdom",
    "England": "United Kingdom",
    "Korea": "South Korea",
    "UAE": "United Arab Emirates",
}


def country_of(location: str) -> str | None:
    """Return the country that ends a location, None where it is not given.

    Examples
    --------
    >>> country_of("Cho Ray Hospital, Ho Chi Minh City, Vietnam")
    'Vietnam'
    >>> country_of("?") is None
    True
    """
    name = location.rsplit(",", 1)[-1].strip()
    return _SPELLINGS.get(name, name) if name.strip("?") else None
