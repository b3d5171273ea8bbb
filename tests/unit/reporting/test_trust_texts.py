"""Every sentence about trust is used, and every one used exists."""

import re
from pathlib import Path

import thoracle.reporting
from thoracle.reporting.trust_texts import TRUST


def test_every_text_is_used_and_every_used_text_exists() -> None:
    folder = Path(str(thoracle.reporting.__file__)).parent
    code = "".join(
        (folder / name).read_text("utf-8") for name in ("trust_view.py", "analysis_pdf.py")
    )
    assert set(re.findall(r'TRUST\["(\w+)"\]', code)) == set(TRUST)
