"""Options of an audit: a quick one looks at less of everything."""

from dataclasses import asdict

from thoracle.jobs.audit.options import QUICK, AuditOptions


def test_quick_is_never_more_than_whole_and_the_seed_is_the_same() -> None:
    whole, quick = asdict(AuditOptions()), asdict(QUICK)
    assert quick["films_per_finding"] is not None
    for name in ("changed", "disturbed", "explained", "randomized"):
        assert quick[f"{name}_per_finding"] <= whole[f"{name}_per_finding"]
    assert quick["shuffles"] < whole["shuffles"]
    assert quick["seed"] == whole["seed"]
