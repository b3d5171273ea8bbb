"""Numbers, times and names of a patient's chart in one language."""

import re
from datetime import datetime, timedelta
from typing import Final

from thoracle.core.languages import ENGLISH, Language
from thoracle.core.results import Reason
from thoracle.prognosis.news2 import CONSCIOUSNESS
from thoracle.prognosis.reading import Course
from thoracle.prognosis.variables import TREATMENT, VARIABLES, place_of
from thoracle.reporting.chart_texts import CHART_REPORT
from thoracle.reporting.variable_texts import VARIABLE_TITLES

_NAMING: Final = ("chart-not-used", "chart-beyond-learned")
"""Codes of warnings that list variables by their English titles."""
_NAMES: Final = {title: name for name, title in VARIABLE_TITLES.items()}
_TITLES: Final = re.compile(
    "|".join(re.escape(one) for one in sorted(_NAMES, key=len, reverse=True))
)
_WORDS: Final = {
    (TREATMENT, 0.0): "no",
    (TREATMENT, 1.0): "yes",
    (CONSCIOUSNESS, 0.0): "alert",
    (CONSCIOUSNESS, 1.0): "not_alert",
}
_DAY_H: Final = 24.0
_IN_DAYS_H: Final = 72.0
_TINY: Final = 0.001  # below 0.1 % a risk is only said to be below it
_NEARLY_ALL: Final = 0.995  # what rounds to 100 % is not certain


class ChartWords:
    """What every part of the report says alike.

    Parameters
    ----------
    language
        Of all of it.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.t = language.table(CHART_REPORT)

    def number(self, printed: str) -> str:
        """Give a printed number the language's own decimal sign, and a true minus."""
        return self.language.number(printed).replace("-", "−")

    def value(self, value: float) -> str:
        """Print a value with three significant digits, or all that stand before the point."""
        return self.number(f"{value:.3g}" if abs(value) < 999.5 else f"{value:.0f}")

    def said(self, name: str, value: float) -> str:
        """Print a value of a variable with its unit; what is given or not is yes or no."""
        key = _WORDS.get((name if name == CONSCIOUSNESS else _kind(name), value))
        return self.t[key] if key else f"{self.value(value)} {self.unit(name)}".strip()

    def values(self, course: Course) -> str:
        """Print the first and the last value of a course, and how many there are."""
        last = self.said(course.name, course.last)
        if len(course.values) == 1:
            return last
        first = self.said(course.name, course.values[0]).removesuffix(f" {course.unit}")
        return self.t["first_last"].format(first=first, last=last, count=len(course.values))

    def last(self, course: Course) -> str:
        """Print the last value of a course with its unit and time."""
        value = self.said(course.name, course.last)
        return self.t["last"].format(value=value, time=self.time(course.times_h[-1]))

    def axis(self, value: float) -> str:
        """Print the end of an axis with two significant digits."""
        return self.number(f"{value:.2g}" if abs(value) < 99.5 else f"{value:.0f}")

    def percent(self, share: float) -> str:
        """Print a share, 0 to 1, as a percentage with one decimal where it is small."""
        if 0 < share < _TINY:
            return f"< {self.number(f'{100 * _TINY:g}')} %"
        if _NEARLY_ALL < share < 1:
            return "> 99 %"
        digits = 1 if share < 0.1 else 0
        return f"{self.number(f'{100 * share:.{digits}f}')} %"

    def signed(self, number: float) -> str:
        """Print a number with its sign."""
        return self.number(f"{number:+.2f}")

    def points(self, added: float, error: float) -> str:
        """Print what is added to a probability, in points, with its standard error."""
        said = self.number(f"{100 * added:+.1f}")
        return f"{said} ± {self.number(f'{100 * error:.1f}')}" if error > 0 else said

    def time(self, time_h: float) -> str:
        """Print hours since admission as days and whole hours, those before it as they are."""
        before = -round(time_h)
        if before >= _IN_DAYS_H:
            return self.t["days_earlier"].format(days=f"{before / _DAY_H:.0f}")
        if before > 0:
            return self.t["hours_earlier"].format(hours=before)
        days, hours = divmod(round(time_h), _DAY_H)
        return self.t["time"].format(day=self.number(f"{days:.0f}"), hours=f"{hours:.0f}")

    def since(self, time_h: float) -> str:
        """Print hours since admission in a sentence that does not speak of admission otherwise."""
        time = self.time(time_h)
        return self.t["since_admission"].format(time=time) if round(time_h) >= 0 else time

    def moment(self, admitted_at: str, time_h: float = 0.0) -> str:
        """Print the time some hours after admission in the language's own order of day and month.

        Parameters
        ----------
        admitted_at
            ISO 8601; of a date alone no hour is printed.
        time_h
            Hours since then.

        Returns
        -------
        str
            "" where `admitted_at` is no time.
        """
        try:
            at = datetime.fromisoformat(admitted_at) + timedelta(hours=time_h)
        except (ValueError, OverflowError):
            return ""
        day = "%Y-%m-%d" if self.language.code == ENGLISH else "%d/%m/%Y"
        has_hour = len(admitted_at) > len("2026-02-27")
        zone = f" UTC{at:%z}".removesuffix("+0000") if at.tzinfo else ""
        return at.strftime(f"{day} %H:%M") + zone if has_hour else at.strftime(day)

    def before(self, hours: float) -> str:
        """Print how long ago something was: in days, from three on."""
        if hours >= _IN_DAYS_H:
            return self.t["days_before"].format(days=f"{hours / _DAY_H:.0f}")
        return self.t["hours_before"].format(hours=f"{hours:.0f}")

    def title(self, name: str) -> str:
        """Return what a variable is called, without what its numbers stand for."""
        if name == CONSCIOUSNESS:
            return self.t["consciousness"]
        return self.language(VARIABLE_TITLES[name])

    def reason(self, reason: Reason) -> Reason:
        """Translate a warning or refusal, with the variables that it names."""
        said = self.language.sentence(reason.text)
        named = _TITLES.sub(lambda title: self.title(_NAMES[title[0]]), said)
        return Reason(code=reason.code, text=named if reason.code in _NAMING else said)

    def unit(self, name: str) -> str:
        """Return the unit of a variable."""
        return VARIABLES[place_of(name)].unit

    def usual(self, course: Course) -> str:
        """Print the usual range of a variable, "" where it has none."""
        low, high = course.reference_low, course.reference_high
        if low is None and high is None:
            return ""
        if low is None or high is None:
            key = "from" if high is None else "up_to"
            limit = low if high is None else high
            said = self.value(limit or 0.0)
            return self.t[key].format(low=said, high=said)
        return self.t["between"].format(low=self.value(low), high=self.value(high))

    def between(self, low: float, median: float, high: float, *, unit: str) -> str:
        """Print a median with its interval and unit."""
        said = {"low": self.value(low), "median": self.value(median), "high": self.value(high)}
        return f"{self.t['range'].format(**said)} {unit}".strip()


def _kind(name: str) -> str:
    return VARIABLES[place_of(name)].kind
