"""Every sentence of the web app's own pages: one table for each page, keys unique over all."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from thoracle.web.texts.about import ABOUT
from thoracle.web.texts.account import ACCOUNT
from thoracle.web.texts.breathing import BREATHING
from thoracle.web.texts.chart import CHART
from thoracle.web.texts.ct import CT
from thoracle.web.texts.ct_compare import CT_COMPARE
from thoracle.web.texts.drift import DRIFT
from thoracle.web.texts.errors import ERRORS
from thoracle.web.texts.history import HISTORY
from thoracle.web.texts.monitor import MONITOR
from thoracle.web.texts.projector import PROJECTOR
from thoracle.web.texts.reading import READING
from thoracle.web.texts.result import RESULT
from thoracle.web.texts.shell import SHELL
from thoracle.web.texts.texture import TEXTURE
from thoracle.web.texts.upload import UPLOAD
from thoracle.web.texts.viewer import VIEWER

_TABLES: Final = (
    SHELL,
    ERRORS,
    UPLOAD,
    RESULT,
    VIEWER,
    HISTORY,
    ACCOUNT,
    READING,
    ABOUT,
    DRIFT,
    PROJECTOR,
    TEXTURE,
    CT,
    CT_COMPARE,
    MONITOR,
    BREATHING,
    CHART,
)

WEB: Final[Mapping[str, str]] = MappingProxyType(
    {key: text for table in _TABLES for key, text in table.items()}
)

__all__ = ["WEB"]
