"""A protocol is read whole, or refused with what is wrong in it."""

from collections.abc import Callable

import pytest

from thoracle.core.errors import RecipeError
from thoracle.train.protocols.protocol import NAMES, Protocol, parse_protocol, read_protocol


@pytest.mark.parametrize("name", NAMES)
def test_the_five_protocols_parse_and_say_why_they_differ(name: str) -> None:
    protocol = read_protocol(name)
    assert protocol.name == name
    assert len(protocol.differences) >= 3
    assert protocol.shares.train + protocol.shares.tune + protocol.shares.test == pytest.approx(1)
    for one in protocol.published:
        assert 0 < one.value <= 1
        arm = protocol.arm(one.arm) if one.arm else protocol.arms[0]
        assert one.of_class in {"", *(part.name for part in protocol.classes_of(arm))}


def test_published_figures_are_those_of_the_papers() -> None:
    usp = {(one.arm, one.of_class): one.value for one in read_protocol("usp").published}
    assert usp["VGG-16", ""] == 0.973
    assert usp["VGG-16", "Normal"] == pytest.approx(15 / 17, abs=1e-4)
    puc = {(one.figure, one.of_class): one for one in read_protocol("puc-rio").published}
    assert (puc["sensitivity", "COVID-19"].value, puc["sensitivity", "COVID-19"].sd) == (
        0.844,
        0.032,
    )


def test_an_arm_without_classes_has_the_protocols(toy_protocol: Callable[..., Protocol]) -> None:
    protocol = toy_protocol()
    assert [one.name for one in protocol.classes_of(protocol.arms[0])] == [
        "Normal",
        "COVID-19",
        "Bacterial",
    ]


ARM = """
[[arms]]
name = "Other"
size = 32
{more}
[arms.network]
backbone = "middlemore-cnn"
[[arms.steps]]
name = "one"
epochs = 1
learning_rate = 1e-3
batch = 8
{step}
"""


@pytest.mark.parametrize(
    ("more", "step", "said"),
    [
        ('initial = "borrowed"', "", "initial = 'borrowed' .* expected one of random, own"),
        ("", 'loss = "hinge"', "loss = 'hinge'"),
        ("", 'weighting = "mine"', "weighting = 'mine'"),
        ("", 'merge = ["Viral", "Normal"]', "class 'Viral'"),
        ('after = "Nobody"', "", "no arm 'Nobody' in toy"),
    ],
)
def test_what_an_arm_names_must_be_there(
    toy_protocol: Callable[..., Protocol], more: str, step: str, said: str
) -> None:
    with pytest.raises(RecipeError, match=said):
        toy_protocol(arms=ARM.format(more=more, step=step))


def test_names_and_text_that_are_no_protocol_are_refused() -> None:
    with pytest.raises(RecipeError, match="found protocol 'mit' – expected one of feup"):
        read_protocol("mit")
    with pytest.raises(RecipeError, match="not TOML"):
        parse_protocol("name =")
