"""Losses of the three networks."""

import torch
from torch import Tensor
from torch.nn import functional


def class_weights(counts: Tensor, *, form: str) -> Tensor:
    """Return one weight per class from its number of films.

    Parameters
    ----------
    counts : (classes,) float32
        Films per class; a class without films gets weight 0.
    form
        "authors" N_max / N_c (what PUC-RIO's code does), "printed" N_c / N_max (their eq. 1,
        which weights the rare class down), or "none".

    Returns
    -------
    (classes,) float32
        Positive weights.
    """
    present = counts > 0
    if form == "none":
        return present.float()
    share = counts / counts.max()
    weights = share if form == "printed" else 1.0 / share.clamp_min(1e-9)
    return torch.where(present, weights, torch.zeros(()))


def smoothed_targets(targets: Tensor, *, classes: int, smoothing: float) -> Tensor:
    """Return (1 - α)·y + α/C, (n, classes)."""
    hot = functional.one_hot(targets, classes).float()
    return (1.0 - smoothing) * hot + smoothing / classes


def two_sided_loss(logits: Tensor, targets: Tensor, *, weights: Tensor, smoothing: float) -> Tensor:
    """Return PUC-RIO's weighted two-sided cross-entropy, averaged over films.

    L = -Σ_c ω_c·[y_soft·log(ŷ) + (1 - y_soft)·log(1 - ŷ)] with ŷ the softmax; both terms carry
    the weight, as in the authors' code.

    Parameters
    ----------
    logits : (n, classes) float32
        Raw numbers.
    targets : (n,) int64
        Class of each film.
    weights : (classes,) float32
        From `class_weights`.
    smoothing
        α of the soft targets.

    Returns
    -------
    () float32
        The mean over films.

    References
    ----------
    PUC-RIO (ICA, Rio de Janeiro, 2020), equations 1 and 2.
    """
    soft = smoothed_targets(targets, classes=logits.shape[1], smoothing=smoothing)
    log_p = functional.log_softmax(logits, dim=1)
    log_q = torch.log1p(-log_p.exp().clamp(max=1.0 - 1e-6))
    per_class = soft * log_p + (1.0 - soft) * log_q
    return -(per_class * weights).sum(dim=1).mean()


def lung_loss(logits: Tensor, masks: Tensor) -> Tensor:
    """Return soft Dice plus binary cross-entropy, averaged over films.

    Parameters
    ----------
    logits, masks : (n, 1, size, size) float32
        Raw numbers; lungs 1, else 0.

    Returns
    -------
    () float32
        0 is perfect.
    """
    probability = torch.sigmoid(logits)
    overlap = (probability * masks).sum(dim=(1, 2, 3))
    total = probability.sum(dim=(1, 2, 3)) + masks.sum(dim=(1, 2, 3))
    dice = (2 * overlap + 1.0) / (total + 1.0)
    return (1.0 - dice).mean() + functional.binary_cross_entropy_with_logits(logits, masks)
