"""One convolution and one linear layer: the network of the manifold study, 216,650 parameters at 28×28."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class SingleConv(nn.Module):
    """conv – ReLU – flatten – fc – softmax.

    `forward` returns class probabilities, `logits` what goes into the softmax.

    Parameters
    ----------
    size : int
        Height and width of the images, in pixels.
    classes : int
        Number of output classes.
    """

    def __init__(self, size: int = 28, classes: int = 10):
        super().__init__()
        self.conv = nn.Conv2d(1, 32, 3)
        self.fc = nn.Linear(32 * (size - 2) ** 2, classes)

    def logits(self, input: Tensor) -> Tensor:
        """(n, 1, size, size) → (n, classes)."""
        return self.fc(torch.flatten(F.relu(self.conv(input)), 1))

    def forward(self, input: Tensor) -> Tensor:
        """(n, 1, size, size) → probabilities (n, classes)."""
        return F.softmax(self.logits(input), dim=1)
