"""A published protocol as a TOML file: make-up of films, arms, published figures, differences."""

import hashlib
import json
import tomllib
from dataclasses import asdict, dataclass, field
from importlib import resources

from thoracle.core.errors import RecipeError
from thoracle.train.architectures.build import Architecture
from thoracle.train.recipe import AugmentRecipe
from thoracle.train.toml_tables import from_table

NAMES = ("feup", "usp", "nagpur", "puc-rio", "middlemore")
INITIAL = ("random", "own")
LOSSES = ("cross-entropy", "two-sided")
WEIGHTINGS = ("none", "authors", "printed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where films of a class come from.

    `labels` are label texts of a manifest; empty `views` mean all but lateral ones; `films` is
    how many at most, 0 for all.
    """

    sources: tuple[str, ...]
    labels: tuple[str, ...]
    views: tuple[str, ...] = ()
    films: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassMakeUp:
    """One class of a protocol: its films here, and how many the paper had."""

    name: str
    published: str
    origins: tuple[Origin, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """How the films of a protocol are parted, by patient."""

    train: float
    tune: float
    test: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Oversampled:
    """A class that is drawn more often than it has films."""

    name: str
    times: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One stage of training an arm.

    `merge` counts films of its first class as the second; `patience` stops early on the tune
    loss and keeps the best weights; `halve_patience` halves the rate when it no longer falls, and
    `halve_every` at fixed epochs; `films_per_epoch` 0 is all.
    """

    name: str
    epochs: int
    learning_rate: float
    batch: int
    loss: str = "cross-entropy"
    weighting: str = "none"
    label_smoothing: float = 0.0
    merge: tuple[str, ...] = ()
    oversample: tuple[Oversampled, ...] = ()
    patience: int = 0
    halve_patience: int = 0
    halve_every: int = 0
    films_per_epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmClass:
    """A class of an arm, and the protocol's classes that count as it."""

    name: str
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """One network, trained one way.

    `initial` is "random" or "own": pretrained here on other pictures, unless the user gives
    published weights; `frozen` trains the head only. Without `classes` the arm has the protocol's.
    Where `after` names another arm, this one decides on the films whose class there is the last
    one: both together are then a decision in two steps.
    """

    name: str
    size: int
    network: Architecture
    steps: tuple[Step, ...]
    initial: str = "random"
    frozen: bool = False
    classes: tuple[ArmClass, ...] = ()
    augment: AugmentRecipe = field(default_factory=AugmentRecipe)
    map_layers: tuple[str, ...] = ("backbone",)
    after: str = ""

    @property
    def epochs(self) -> int:
        """Epochs of all steps, at most."""
        return sum(step.epochs for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A figure that the paper printed, 0 to 1, and of which arm and class; "" is all of them."""

    figure: str
    value: float
    arm: str = ""
    of_class: str = ""
    sd: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """All that a published system did with its films, as far as it is known.

    `differences` say why figures differ; films of `pretraining_sources` join the pictures that a
    backbone is pretrained on.
    """

    name: str
    title: str
    reference: str
    shares: Shares
    classes: tuple[ClassMakeUp, ...]
    arms: tuple[Arm, ...]
    published: tuple[Published, ...]
    differences: tuple[str, ...]
    pretraining_sources: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of all that decides a run, 64 hex digits; words and published figures do not."""
        decides = {
            "shares": asdict(self.shares),
            "classes": [(one.name, [asdict(part) for part in one.origins]) for one in self.classes],
            "arms": [asdict(one) for one in self.arms],
            "pretraining_sources": self.pretraining_sources,
        }
        return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes, in order."""
        return tuple(one.name for one in self.classes)

    def classes_of(self, arm: Arm) -> tuple[ArmClass, ...]:
        """Return the classes of an arm: its own, or the protocol's."""
        return arm.classes or tuple(ArmClass(name=one, of=(one,)) for one in self.class_names)

    def arm(self, name: str) -> Arm:
        """Return an arm by name.

        Raises
        ------
        RecipeError
            There is none.
        """
        for one in self.arms:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.arms)
        raise RecipeError(f"found no arm {name!r} in {self.name} – expected one of {known}.")


def read_protocol(name: str) -> Protocol:
    """Read one of the protocols that come with the package.

    Parameters
    ----------
    name
        One of `NAMES`.

    Raises
    ------
    RecipeError
        There is no such protocol.
    """
    if name not in NAMES:
        raise RecipeError(
            f"found protocol {name!r} – expected one of {', '.join(NAMES)}. Name one of these."
        )
    place = resources.files("thoracle.train.protocols") / f"{name}.toml"
    return parse_protocol(place.read_text(encoding="utf-8"))


def parse_protocol(text: str) -> Protocol:
    """Check a protocol's text.

    Parameters
    ----------
    text
        TOML, with the fields of `Protocol`.

    Raises
    ------
    RecipeError
        It is not TOML, a key or type is wrong, or an arm names what is not there.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RecipeError(f"found a protocol that is not TOML: {error}. Mend that line.") from error
    protocol = from_table(Protocol, table, where="protocol")
    for arm in protocol.arms:
        _check_arm(protocol, arm)
    for figure in protocol.published:
        if figure.arm:
            protocol.arm(figure.arm)
    return protocol


def _check_arm(protocol: Protocol, arm: Arm) -> None:
    where = f"arm {arm.name!r}"
    _check(arm.initial in INITIAL, f"initial = {arm.initial!r} in {where}", INITIAL)
    for step in arm.steps:
        _check(step.loss in LOSSES, f"loss = {step.loss!r} in {where}", LOSSES)
        _check(step.weighting in WEIGHTINGS, f"weighting = {step.weighting!r}", WEIGHTINGS)
    named = [one for part in arm.classes for one in part.of]
    for step in arm.steps:
        named += [*step.merge, *(one.name for one in step.oversample)]
    for one in named:
        _check(one in protocol.class_names, f"class {one!r} in {where}", protocol.class_names)
    if arm.after:
        protocol.arm(arm.after)


def _check(is_right: bool, found: str, expected: tuple[str, ...]) -> None:
    if not is_right:
        raise RecipeError(
            f"found {found} – expected one of {', '.join(expected)}. Correct the protocol."
        )
