"""Packages that only some commands need: asked for before work begins."""

from thoracle.core.errors import MissingExtraError


def how_to_install(extra: str) -> str:
    """Return the command that brings an extra, in a clone and elsewhere."""
    return f"make install (in a clone), or pip install 'thoracle[{extra}]'"


def require_research(module: str, *, package: str, need: str) -> None:
    """Stop early where a package of the extra `research` is missing.

    Parameters
    ----------
    module
        What is imported.
    package
        What it is called where it is installed.
    need
        Who needs it, as in "plots need".

    Raises
    ------
    MissingExtraError
        It cannot be imported.
    """
    try:
        __import__(module)
    except ImportError as error:
        raise MissingExtraError(
            f"{package} is not installed, but {need} it (extra 'research'). "
            f"Run: {how_to_install('research')}"
        ) from error
