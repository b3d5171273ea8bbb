from thoracle.imaging.texture.aggregation import Aggregation


def test_every_aggregation_has_the_code_of_the_ibsi() -> None:
    # theibsi/ibsi-doc, "Grey level co-occurrence based features" and "… size zone …".
    assert [one.code for one in Aggregation] == ["BTW3", "SUJT", "JJUI", "ZW7Z", "ITBB", "IAZD"]
    assert [one.zone_code for one in Aggregation] == ["8QNN"] * 2 + ["62GR"] * 2 + ["KOBO"] * 2


def test_only_the_last_two_look_across_slices() -> None:
    across = [one for one in Aggregation if not one.is_by_slice]

    assert across == [Aggregation.AVERAGED_3D, Aggregation.MERGED_3D]
    assert not any(one.merges_slices for one in across)


def test_merging_directions_is_what_tells_each_pair_apart() -> None:
    assert [one.merges_directions for one in Aggregation] == [False, True] * 3
