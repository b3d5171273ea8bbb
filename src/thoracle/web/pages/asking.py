"""What every handler asks of a request: the services, the language, the visitor."""

from typing import Annotated, Final

from fastapi import Depends

from thoracle.core.languages import Language
from thoracle.web.services import Services, services_of
from thoracle.web.visitors import Visitor, language_of, visitor_of

Using = Annotated[Services, Depends(services_of)]
Spoken = Annotated[Language, Depends(language_of)]
Asking = Annotated[Visitor, Depends(visitor_of)]

SEE_OTHER: Final = 303
