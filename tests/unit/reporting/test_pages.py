"""Pages escape what they show, refuse what is not there, and hold their pictures."""

import base64

import pytest
from jinja2 import UndefinedError

from thoracle.reporting.pages import environment, png_uri, report_environment, svg_uri


def test_text_is_escaped_and_a_missing_name_is_an_error() -> None:
    page = environment().from_string("<p>{{ name }}</p>")
    assert page.render(name="<b>") == "<p>&lt;b&gt;</p>"
    with pytest.raises(UndefinedError):
        page.render()


def test_a_packages_own_templates_come_before_those_of_reports() -> None:
    assert "analysis_page.html" in report_environment().list_templates()
    names = environment("thoracle.web").list_templates()
    assert {"error.html", "analysis_page.html"} <= set(names)


def test_pictures_stand_inside_the_page() -> None:
    head, _, content = png_uri(b"\x89PNG").partition(",")
    assert head == "data:image/png;base64"
    assert base64.b64decode(content) == b"\x89PNG"
    assert svg_uri("<svg/>").startswith("data:image/svg+xml;base64,")
    assert environment().from_string("{{ p|png_uri }}").render(p=b"a") == png_uri(b"a")
