"""A network of your own: any torch.nn.Module whose `forward` returns one number per class."""

import torch
from torch import nn


class Net(nn.Module):
    """One convolution and one hidden layer, for grey images of 28 × 28 px."""

    def __init__(self, channels: int = 16, classes: int = 10):
        super().__init__()
        self.conv = nn.Conv2d(1, channels, kernel_size=5, stride=2)
        self.hidden = nn.Linear(channels * 12 * 12, 64)
        self.output = nn.Linear(64, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Logits (n, classes) of images (n, 1, 28, 28)."""
        x = torch.relu(self.conv(images))
        x = torch.relu(self.hidden(x.flatten(1)))
        return self.output(x)
