"""Films with their lungs hidden, of which a classifier should say nothing."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from thoracle.train.augment import uniform

RIM_SHARE = 0.04  # of the side: how far beyond the lungs' outline is hidden too.


def hide_lungs(films: Tensor, lungs: Tensor, *, generator: torch.Generator) -> Tensor:
    """Cover the lungs with one grey, by their outline on half of the films, else by a rectangle.

    Parameters
    ----------
    films : (n, 1, size, size) float32
        -1 to 1.
    lungs : (n, 1, size, size) float32
        Lungs 1, else 0.
    generator
        Draws shape and grey of each film's cover.

    Returns
    -------
    (n, 1, size, size) float32
        A film without lungs is as it was.
    """
    reach = 2 * round(RIM_SHARE * films.shape[-1]) + 1
    outline = functional.max_pool2d(lungs, reach, 1, reach // 2) > 0.5
    rows, columns = outline.any(dim=3, keepdim=True), outline.any(dim=2, keepdim=True)
    rectangle = _between(rows, dim=2) & _between(columns, dim=3)
    shape = (len(films), 1, 1, 1)
    is_outline = torch.rand(shape, generator=generator) < 0.5
    grey = uniform(shape, -1.0, 1.0, generator=generator)
    return torch.where(torch.where(is_outline, outline, rectangle), grey, films)


def surprise(logits: Tensor, present: Tensor) -> Tensor:
    """Return how far what is said lies from saying nothing, in nats, averaged over films.

    Parameters
    ----------
    logits : (n, classes) float32
        Of films that show nothing of what is asked.
    present : (classes,) bool
        The classes that are learned; of the others nothing is asked.

    Returns
    -------
    () float32
        Cross-entropy to equal chances, less its least value: 0 where all classes present are
        equally likely.
    """
    chances = logits[:, present].log_softmax(dim=1)
    return -chances.mean() - math.log(chances.shape[1])


@contextmanager
def kept_statistics(network: nn.Module) -> Iterator[None]:
    """Let batch normalizations use what they know, and learn nothing from what passes."""
    resting = [
        one
        for one in network.modules()
        if isinstance(one, nn.modules.batchnorm._BatchNorm) and one.training  # noqa: SLF001  (torch's base of all three)
    ]
    for one in resting:
        one.eval()
    try:
        yield
    finally:
        for one in resting:
            one.train()


def _between(hit: Tensor, *, dim: int) -> Tensor:
    """Return what lies between the first and the last hit along a dimension, both included."""
    before = hit.cumsum(dim) > 0
    after = hit.flip(dim).cumsum(dim).flip(dim) > 0
    return before & after
