"""The page of live breathing: what is on now, and simulated patients to try it with."""

from itertools import count
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from thoracle.core.languages import Language
from thoracle.reporting.pattern_texts import PATTERN_TITLES
from thoracle.respiration.alarms import ALARMS, APNEA, FAST, PATTERN, SIGNAL, SLOW, AlarmLimits
from thoracle.respiration.types import PATTERNS
from thoracle.web.api_breathing_live import LIVE
from thoracle.web.pages.asking import SEE_OTHER, Spoken, Using
from thoracle.web.render import page
from thoracle.web.schemas_breathing import PatternName
from thoracle.web.texts import WEB
from thoracle.web.texts.breathing import SENSOR_TITLES
from thoracle.web.texts.monitor import ALARM_LIMITS, ALARM_TITLES

router: Final = APIRouter(include_in_schema=False)

ADDRESS: Final = "/monitor"
SCRIPT_TEXTS: Final = (
    "alarm_since",
    "begins",
    "ended",
    "ends",
    "large",
    "live",
    "lost",
    "pattern",
    "quality",
    "rate",
    "remove",
    "sensor",
    "silent",
    "simulated",
    "since",
    "stale",
    "stale_mark",
    "trace",
)
_SEEDS: Final = count(1)


@router.get(ADDRESS)
def monitor_page(request: Request, services: Using, language: Spoken) -> Response:
    """Show the live streams; a script keeps them up to date."""
    named = {
        "alarms": language.table(ALARM_TITLES),
        "patterns": {one: language(PATTERN_TITLES[one]) for one in PATTERNS},
        "sensors": language.table(SENSOR_TITLES),
    }
    return page(
        request,
        "monitor.html",
        live_address=LIVE,
        script_texts={key: language(WEB[f"monitor_{key}"]) for key in SCRIPT_TEXTS} | named,
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
            language(ALARM_TITLES[code]),
            language(ALARM_LIMITS[code], **values[code]),
        )
        for code in ALARMS
    ]
