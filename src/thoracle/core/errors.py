"""The package's errors: each has a stable code and one line that says found, expected, do this."""


class ThoracleError(Exception):
    """Base of every error that Thoracle raises on purpose.

    Parameters
    ----------
    text
        One line for the user: found, expected (source), do this.
    code
        Stable identifier, kebab-case; it defaults to the class's own.
    """

    code = "thoracle"

    def __init__(self, text: str, *, code: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        if code is not None:
            self.code = code


class ImageError(ThoracleError):
    """A file cannot be turned into a radiograph (HTTP 422)."""

    code = "image"


class SignalError(ThoracleError):
    """A breathing signal lacks what a measure of it needs, such as its sampling rate (HTTP 422)."""

    code = "signal"


class ChartError(ThoracleError):
    """A patient's chart lacks what it needs: a unit, a time, a known variable (HTTP 422)."""

    code = "chart"


class ManifestError(ThoracleError):
    """A manifest or a source collection is not what a reader expects."""

    code = "manifest"


class SplitError(ThoracleError):
    """A split leaks, or does not belong to the manifest."""

    code = "split"


class BundleError(ThoracleError):
    """A model bundle is missing, altered or of another kind."""

    code = "bundle"


class RecipeError(ThoracleError):
    """A training recipe has an unknown key or an impossible value."""

    code = "recipe"


class EvaluationError(ThoracleError):
    """A figure was asked for that the data cannot give."""

    code = "evaluation"


class StoreError(ThoracleError):
    """A stored result is missing or the store cannot be used."""

    code = "store"


class SettingError(ThoracleError):
    """A setting has a value that cannot be used."""

    code = "setting"


class MissingExtraError(ThoracleError):
    """A command needs an optional set of packages that is not installed."""

    code = "missing-extra"


class SystemFaultError(ThoracleError):
    """The system did not let a file be read or written, where no other error says more."""

    code = "system"

    def __init__(self, fault: OSError) -> None:
        where = "" if fault.filename is None else f"{fault.filename}: "
        super().__init__(
            f"found a file that the system refuses ({where}{fault.strerror or fault}) – expected "
            "to read or write it. Check the path, its rights and the room on the disk."
        )
