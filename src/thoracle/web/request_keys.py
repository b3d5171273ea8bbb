"""Idempotency keys: the same request sent again is answered with what the first one kept."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from thoracle.core.errors import StoreError
from thoracle.core.files import sha256_of
from thoracle.web.services import Services


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """An idempotency key and what was sent under it; both methods block.

    Attributes
    ----------
    key
        SHA-256 of who sent it and of the key, so that nobody meets another's.
    digest
        Of all that was sent; another under the same key is refused by the store.
    """

    key: str
    digest: str

    @classmethod
    def of(cls, who: str, said: str, digest: str) -> "RequestKey":
        """Return the key of a request.

        Parameters
        ----------
        who
            Name of the visitor.
        said
            The header `Idempotency-Key`.
        digest
            Of what was sent.
        """
        return cls(key=sha256_of(f"{who}\0{said}".encode()), digest=digest)

    def answered(self, services: Services) -> tuple[str, ...] | None:
        """Return the ids of what the first such request kept; None where this is the first."""
        return services.store.requests.answered(self.key, self.digest)

    def keep(self, services: Services, ids: Sequence[str]) -> None:
        """Remember what was kept; a failure forgets the key alone."""
        with suppress(StoreError):
            services.store.requests.keep(self.key, self.digest, ids, now=services.options.now())
