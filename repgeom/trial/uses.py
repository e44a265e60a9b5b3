"""What training and attacks ask of a network beside an answer."""

import torch

from repgeom.activations.recorder import as_it_was
from repgeom.config.models import Model
from repgeom.config.nouns import Nouns
from repgeom.errors import InputError, first_line
from repgeom.models.architectures import PixelModel
from repgeom.trial.network import answer_to

LAST = ", as the last one of an epoch is; set drop_last: true, or another batch_size"
LEAVE_OUT = "leave torch.no_grad, detach, rounding and the like out of forward"


def try_training(model: PixelModel, images: torch.Tensor, batch: int) -> None:
    """Answer as in training, to the smallest batch that there will be.

    Raises
    ------
    InputError
        The network cannot be trained, or not on so few images.
    """
    if not any(weight.requires_grad for weight in model.parameters()):
        raise InputError("it has no weights to train; give source: {untrained: true} in place of training")
    model.train()
    with as_it_was(model.network):
        try:
            answer = model(images[:batch])
        except InputError:
            raise
        except Exception as error:  # whatever the user's own network raises
            count = "one image" if batch == 1 else f"{len(images[:batch])} images"
            told = f"training fails on a batch of {count} ({type(error).__name__}: {first_line(error)})"
            raise InputError(told + LAST if batch == 1 else told) from error
    if batch == 1 and answer.shape[:1] != (1,):
        raise InputError(f"training fails on a batch of one image (it answers with shape {list(answer.shape)}){LAST}")
    if not answer.requires_grad:
        raise InputError("it cannot be trained, since its answers have no gradient; " + LEAVE_OUT)


def try_attack(model: PixelModel, images: torch.Tensor) -> None:
    """Ask for the gradient that attacks climb.

    Raises
    ------
    InputError
        There is none.
    """
    model.eval()
    images = images.clone().requires_grad_()
    with as_it_was(model.network):
        answer, gradient = answer_to(model, images), None
        if answer.requires_grad:  # asked for before anything is put back, which it may need as it is
            (gradient,) = torch.autograd.grad(answer.abs().square().sum(), images, allow_unused=True)
    if gradient is None or not gradient.any():
        raise InputError("it cannot be attacked, since no gradient reaches its images; " + LEAVE_OUT)


def smallest_batch(c: Nouns, section: Model) -> int:
    """Of an epoch of training, as far as can be told."""
    training, n = section.training, None if section.training.iterations else c.n_training(section.dataset)
    rest = n % training.batch_size if n and not training.drop_last else 0
    return rest or training.batch_size
