"""The page of live breathing: what is on now, and simulated patients to try it with."""

from collections.abc import Mapping
from itertools import count
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from thoracle.core.languages import Language
from thoracle.respiration.alarms import ALARMS, APNEA, FAST, PATTERN, SIGNAL, SLOW, AlarmLimits
from thoracle.respiration.types import PATTERNS, SENSORS
from thoracle.web.api_breathing_live import LIVE
from thoracle.web.pages.asking import SEE_OTHER, Spoken, Using
from thoracle.web.render import page
from thoracle.web.texts.monitor import MONITOR

router: Final = APIRouter(include_in_schema=False)

ADDRESS: Final = "/monitor"
PatternName = Literal["eupnea", "bradypnea", "tachypnea", "biot", "cheyne_stokes", "central_apnea"]
ALARM_TEXTS: Final[Mapping[str, str]] = {
    APNEA: "monitor_apnea",
    SLOW: "monitor_slow",
    FAST: "monitor_fast",
    PATTERN: "monitor_abnormal",
    SIGNAL: "monitor_signal",
}
_SEEDS: Final = count(1)


@router.get(ADDRESS)
def monitor_page(request: Request, services: Using, language: Spoken) -> Response:
    """Show the live streams; a script keeps them up to date."""
    spoken = language.table(MONITOR)
    named = {
        "alarms": {code: spoken[ALARM_TEXTS[code]] for code in ALARMS},
        "patterns": {one: spoken[f"monitor_{one}"] for one in PATTERNS},
        "sensors": {one: spoken[f"monitor_{one}"] for one in SENSORS},
    }
    return page(
        request,
        "monitor.html",
        live_address=LIVE,
        script_texts={key.removeprefix("monitor_"): one for key, one in spoken.items()} | named,
        patterns=named["patterns"],
        limits=_limits(services.live.limits, language),
    )


@router.post(f"{ADDRESS}/simulated")
def begin_simulated(services: Using, pattern: Annotated[PatternName, Form()]) -> Response:
    """Begin a simulated patient."""
    services.live.simulate(pattern, seed=next(_SEEDS))
    return RedirectResponse(ADDRESS, SEE_OTHER)


@router.post(f"{ADDRESS}/simulated/end")
def end_simulated(services: Using) -> Response:
    """End all simulated patients."""
    services.live.end_simulated()
    return RedirectResponse(ADDRESS, SEE_OTHER)


def _limits(limits: AlarmLimits, language: Language) -> list[tuple[str, str]]:
    """Return the name of each alarm and when it comes, by urgency."""
    values: dict[str, dict[str, str]] = {
        APNEA: {"seconds": f"{limits.apnea_s:g}"},
        SLOW: {"rate": f"{limits.slow_per_minute:g}", "seconds": f"{limits.raise_s:g}"},
        FAST: {"rate": f"{limits.fast_per_minute:g}", "seconds": f"{limits.raise_s:g}"},
        PATTERN: {"seconds": f"{limits.pattern_s:g}"},
        SIGNAL: {"seconds": f"{limits.raise_s:g}"},
    }
    return [
        (
            language(MONITOR[ALARM_TEXTS[code]]),
            language(MONITOR[ALARM_TEXTS[code].replace("_", "_limit_")], **values[code]),
        )
        for code in ALARMS
    ]
