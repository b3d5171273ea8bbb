"""What a segmentation network is told: Dice of what is measured, and focal loss of each voxel."""

import torch
from torch import Tensor
from torch.nn import functional

from thoracle.ct.types import CONSOLIDATION, GROUND_GLASS, LABELS, LUNG

MEASURED = (
    (LUNG, GROUND_GLASS, CONSOLIDATION),
    (GROUND_GLASS, CONSOLIDATION),
    (GROUND_GLASS,),
    (CONSOLIDATION,),
)
"""Lungs, infection, and each kind of it: Dice is of these, as the evaluation's is."""
SMOOTH_VOXELS = 50.0  # so that a kind that a batch lacks costs little where little of it is found.


def segmentation_loss(logits: Tensor, label_map: Tensor, *, gamma: float) -> Tensor:
    """Return soft Dice over the batch plus focal loss.

    Parameters
    ----------
    logits : (n, 4, slices, rows, columns) float32
        Raw numbers.
    label_map : (n, slices, rows, columns) int64
        Labels.
    gamma
        Of the focal loss; 0 makes it cross-entropy.

    Returns
    -------
    () float32
        0 is perfect.

    References
    ----------
    Milletari et al., V-Net, 3DV 2016; Lin et al., Focal loss, ICCV 2017.
    """
    log_p = functional.log_softmax(logits, dim=1)
    own = log_p.gather(1, label_map[:, None])[:, 0]
    focal = -(((1.0 - own.exp()) ** gamma) * own).mean()
    probability = log_p.exp()
    hot = functional.one_hot(label_map, len(LABELS)).movedim(-1, 1).to(probability.dtype)
    scores = []
    for group in MEASURED:
        found = probability[:, list(group)].sum(dim=1)
        wanted = hot[:, list(group)].sum(dim=1)
        overlap = (found * wanted).sum()
        scores.append((2 * overlap + SMOOTH_VOXELS) / (found.sum() + wanted.sum() + SMOOTH_VOXELS))
    return focal + 1.0 - torch.stack(scores).mean()


def deep_loss(all_logits: tuple[Tensor, ...], label_map: Tensor, *, gamma: float) -> Tensor:
    """Return the loss of the full grid and, halved each time, those of coarser ones.

    Parameters
    ----------
    all_logits
        From `CtNetwork.all_logits`; slices, rows and columns are whole fractions of the labels'.
    label_map : (n, slices, rows, columns) int64
        Labels.
    gamma
        As for `segmentation_loss`.

    Returns
    -------
    () float32
        The weighted mean.

    References
    ----------
    Lee et al., Deeply-supervised nets, AISTATS 2015.
    """
    total, weight_sum = torch.zeros(()), 0.0
    for number, logits in enumerate(all_logits):
        steps = [
            have // wanted
            for have, wanted in zip(label_map.shape[1:], logits.shape[2:], strict=True)
        ]
        # The middle of each block, not its corner, which would shift the labels.
        first = [step // 2 for step in steps]
        coarse = label_map[:, first[0] :: steps[0], first[1] :: steps[1], first[2] :: steps[2]]
        weight = 0.5**number
        total = total + weight * segmentation_loss(logits.float(), coarse, gamma=gamma)
        weight_sum += weight
    return total / weight_sum
