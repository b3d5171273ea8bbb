"""Templates print texts from the catalogue, and every text of the catalogue is used."""

import re
from pathlib import Path

import thoracle.web
from thoracle.web.pages import monitor, projector, upload
from thoracle.web.texts import WEB

FOLDER = Path(str(thoracle.web.__file__)).parent


def test_every_text_is_used_and_every_used_text_exists() -> None:
    sources = [*FOLDER.rglob("*.py"), *(FOLDER / "templates").glob("*.html")]
    code = "\n".join(path.read_text("utf-8") for path in sources if path.parent.name != "texts")
    used = set(re.findall(r'WEB\["(\w+)"\]', code)) | set(re.findall(r"\bw\.(\w+)", code))
    used |= {f"upload_{key}" for key in upload.SCRIPT_TEXTS}
    used |= {f"monitor_{key}" for key in monitor.SCRIPT_TEXTS}
    used |= {f"projector_{key}" for key in projector.SCRIPT_TEXTS}
    assert used == set(WEB)


def test_no_template_holds_a_sentence_of_its_own() -> None:
    for path in (FOLDER / "templates").glob("*.html"):
        bare = re.sub(r"\{[%{#].*?[%}#]\}|<[^>]*>", " ", path.read_text("utf-8"), flags=re.DOTALL)
        assert re.findall(r"[A-Za-z]{3,}", bare) == [], path.name


def test_every_text_that_the_upload_script_asks_for_is_given() -> None:
    script = (FOLDER / "static" / "upload.js").read_text("utf-8")
    assert set(re.findall(r"\btexts\.(\w+)", script)) == set(upload.SCRIPT_TEXTS)


def test_every_text_that_the_scripts_of_live_breathing_ask_for_is_given() -> None:
    scripts = [FOLDER / "static" / name for name in ("monitor.js", "monitor_tile.js")]
    asked = "\n".join(path.read_text("utf-8") for path in scripts)
    named = {"alarms", "patterns", "sensors"}
    assert set(re.findall(r"\btexts\.(\w+)", asked)) == {*monitor.SCRIPT_TEXTS, *named}
