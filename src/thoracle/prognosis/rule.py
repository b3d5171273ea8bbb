"""The published rule of three markers: death or survival from LDH, hs-CRP and lymphocyte share."""

from dataclasses import dataclass
from typing import Final

from thoracle.core.results import Reason
from thoracle.prognosis.last_values import LastValue, last_value
from thoracle.prognosis.types import Chart

LDH: Final = "ldh"
HS_CRP: Final = "hs_crp"
LYMPHOCYTES: Final = "lymphocyte_percent"
MARKERS: Final = (LDH, HS_CRP, LYMPHOCYTES)
LDH_DEATH_U_L: Final = 365.0  # Yan et al. 2020, figure 2: this or more is death.
HS_CRP_SURVIVAL_MG_L: Final = 41.2  # the same figure: less is survival.
LYMPHOCYTES_SURVIVAL_PERCENT: Final = 14.7  # the same figure: more is survival.


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleAnswer:
    """What the rule says of one patient at one time.

    Attributes
    ----------
    is_death
        True for death, False for survival, None for no answer.
    reason
        Which marker decided, or which one is unknown.
    markers
        The three last values, in the order of `MARKERS`.
    """

    is_death: bool | None
    reason: Reason
    markers: tuple[LastValue, ...]


def three_marker_rule(chart: Chart, index_h: float) -> RuleAnswer:
    """Apply the three-marker rule to the last values known at an index time.

    Parameters
    ----------
    chart
        Of one stay.
    index_h
        Hours since admission.

    Returns
    -------
    RuleAnswer
        No answer where an unknown marker could change it. The rule was made on the last samples
        before death or discharge; earlier in a stay it says less than it did there.

    References
    ----------
    Yan et al., Nat Mach Intell 2020;2:283, figure 2.
    """
    markers = tuple(last_value(chart, index_h, name) for name in MARKERS)
    is_death, reason = _answer(*markers)
    return RuleAnswer(is_death=is_death, reason=reason, markers=markers)


def _answer(ldh: LastValue, hs_crp: LastValue, share: LastValue) -> tuple[bool | None, Reason]:
    if not ldh.is_known:
        return None, Reason(code="rule-no-ldh", text="No LDH is known: the rule has no answer.")
    if ldh.value >= LDH_DEATH_U_L:
        text = f"LDH is {ldh.value:g} U/L, 365 or more: the rule says death."
        return True, Reason(code="rule-ldh", text=text)
    if hs_crp.value < HS_CRP_SURVIVAL_MG_L:
        text = f"LDH is below 365 U/L and hs-CRP {hs_crp.value:g} mg/L, below 41.2: survival."
        return False, Reason(code="rule-hs-crp", text=text)
    if share.value > LYMPHOCYTES_SURVIVAL_PERCENT:
        text = f"LDH is below 365 U/L and lymphocytes {share.value:g} %, above 14.7: survival."
        return False, Reason(code="rule-lymphocytes", text=text)
    if not hs_crp.is_known:
        text = "No hs-CRP is known, and it would decide: the rule has no answer."
        return None, Reason(code="rule-no-hs-crp", text=text)
    if not share.is_known:
        text = "No lymphocyte share is known, and it would decide: the rule has no answer."
        return None, Reason(code="rule-no-lymphocytes", text=text)
    text = (
        f"hs-CRP is {hs_crp.value:g} mg/L and lymphocytes {share.value:g} %: the rule says death."
    )
    return True, Reason(code="rule-lymphocytes", text=text)
