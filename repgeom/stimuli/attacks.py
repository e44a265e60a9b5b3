"""Adversarial attacks in pixel space, on whole batches at once.

ε is in pixel units: images lie in [0, 1], and so does what the attacks return. The loss is
the cross entropy of the logits, summed over the batch, so that one image's gradient does not depend on
which others it is attacked with.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from repgeom.errors import InputError

Logits = Callable[[Tensor], Tensor]
PGD_STEP = 2.5
"""Step size × number of steps, in units of ε (Madry et al. 2018, appendix)."""


def fgsm(logits: Logits, images: Tensor, labels: Tensor, epsilon: float | Tensor) -> Tensor:
    """Fast gradient sign method: clip(x + ε·sign(∇ₓ loss), 0, 1) (Goodfellow et al. 2015).

    Parameters
    ----------
    logits : callable
        Pixels (n, c, h, w) → logits (n, classes).
    images : (n, c, h, w) in [0, 1]
    labels : (n,) int64
        True classes.
    epsilon : float or (n,)
        In pixel units, ≥ 0.
    """
    size = _per_image(epsilon, images)
    return (images + size * loss_gradient(logits, images, labels).sign()).clamp(0, 1)


def pgd(logits: Logits, images: Tensor, labels: Tensor, epsilon: float | Tensor, steps: int = 10) -> Tensor:
    """Projected gradient descent in the ε-ball of the maximum norm, started at the image (Madry et al. 2018).

    Each of `steps` steps moves every pixel by 2.5·ε/steps along the sign of the gradient, then back into
    the ball and into [0, 1]. Parameters as in `fgsm`.
    """
    size = _per_image(epsilon, images)
    attacked = images
    for _ in range(steps):
        moved = attacked + PGD_STEP / steps * size * loss_gradient(logits, attacked, labels).sign()
        attacked = torch.minimum(torch.maximum(moved, images - size), images + size).clamp(0, 1)
    return attacked


def loss_gradient(logits: Logits, images: Tensor, labels: Tensor) -> Tensor:
    """∇ₓ of the cross entropy of each image with its true class, like `images`."""
    pixels = images.detach().clone().requires_grad_(True)
    loss = F.cross_entropy(logits(pixels), labels, reduction="sum")
    return torch.autograd.grad(loss, pixels)[0]


ATTACKS = {"fgsm": fgsm, "pgd": pgd}


def _per_image(epsilon: float | Tensor, images: Tensor) -> Tensor:
    size = torch.as_tensor(epsilon, dtype=images.dtype, device=images.device)
    if not bool(torch.isfinite(size).all()) or bool((size < 0).any()):
        raise InputError(f"epsilon must be finite and ≥ 0 (in pixel units), got {epsilon}")
    return size.reshape(-1, 1, 1, 1) if size.ndim else size
