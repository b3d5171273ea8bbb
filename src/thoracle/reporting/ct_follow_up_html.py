"""The report on a follow-up as one HTML file without scripts or anything from elsewhere."""

from collections.abc import Sequence

from thoracle.core.languages import Language
from thoracle.ct.course import Course
from thoracle.ct.follow_up import POI
from thoracle.reporting.ct_follow_up_pictures import COLORS, SlicePicture
from thoracle.reporting.ct_follow_up_texts import FOLLOW_UP, KINDS, PLACES
from thoracle.reporting.ct_follow_up_timeline import timeline_svg
from thoracle.reporting.ct_follow_up_view import course_view
from thoracle.reporting.pages import report_environment


def follow_up_html(
    course: Course, pictures: Sequence[Sequence[SlicePicture]], language: Language
) -> str:
    """Write the report.

    Parameters
    ----------
    course
        What changed.
    pictures
        Of each step; none where nothing lies over each other.
    language
        Of all texts and numbers.

    Returns
    -------
    str
        An HTML document that asks for nothing from outside itself.
    """
    return (
        report_environment()
        .get_template("ct_follow_up.html.j2")
        .render(
            view=course_view(course, language),
            t=language.table(FOLLOW_UP),
            language=language.code,
            percentage=language(KINDS[POI]),
            pictures=pictures,
            colors=[(language(PLACES[name]), color) for name, color in COLORS.items()],
            course_svg=timeline_svg(course, language),
        )
    )
