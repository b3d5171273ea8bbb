"""How matrices of slices and directions become one value: the IBSI's six ways."""

from enum import StrEnum


class Aggregation(StrEnum):
    """Which texture matrices are summed before features are computed, and which averaged after.

    The values are the endings of the IBSI's reference values. A film is a volume of one slice:
    its aggregations are the first two.
    """

    AVERAGED_2D = "2D_avg"
    MERGED_2D = "2D_comb"
    BY_DIRECTION_25D = "2_5D_avg"
    MERGED_25D = "2_5D_comb"
    AVERAGED_3D = "3D_avg"
    MERGED_3D = "3D_comb"

    @property
    def is_by_slice(self) -> bool:
        """Whether neighbors are looked for within slices only."""
        return self not in {Aggregation.AVERAGED_3D, Aggregation.MERGED_3D}

    @property
    def merges_slices(self) -> bool:
        """Whether the matrices of all slices are summed."""
        return self in {Aggregation.BY_DIRECTION_25D, Aggregation.MERGED_25D}

    @property
    def merges_directions(self) -> bool:
        """Whether the matrices of all directions are summed."""
        return self in {Aggregation.MERGED_2D, Aggregation.MERGED_25D, Aggregation.MERGED_3D}

    @property
    def code(self) -> str:
        """The IBSI's code for matrices with directions (co-occurrence, run length)."""
        return _CODES[self][0]

    @property
    def zone_code(self) -> str:
        """The IBSI's code for matrices without directions (zones, neighborhoods)."""
        return _CODES[self][1]


_CODES = {
    Aggregation.AVERAGED_2D: ("BTW3", "8QNN"),
    Aggregation.MERGED_2D: ("SUJT", "8QNN"),
    Aggregation.BY_DIRECTION_25D: ("JJUI", "62GR"),
    Aggregation.MERGED_25D: ("ZW7Z", "62GR"),
    Aggregation.AVERAGED_3D: ("ITBB", "KOBO"),
    Aggregation.MERGED_3D: ("IAZD", "KOBO"),
}
