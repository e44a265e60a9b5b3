"""LeNet-style convolutional network of the Neuromatch NeuroAI course (W1D3), 1,199,882 parameters at 28×28."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class LeNet(nn.Module):
    """conv – ReLU – conv – ReLU – maxpool – dropout – fc – ReLU – dropout – fc – softmax.

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
        self.conv1 = nn.Conv2d(1, 32, 3)
        self.conv2 = nn.Conv2d(32, 64, 3)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(64 * ((size - 4) // 2) ** 2, 128)
        self.fc2 = nn.Linear(128, classes)

    def logits(self, input: Tensor) -> Tensor:
        """(n, 1, size, size) → (n, classes)."""
        x = F.relu(self.conv1(input))
        x = F.relu(self.conv2(x))
        x = self.dropout1(F.max_pool2d(x, 2))
        x = F.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc2(self.dropout2(x))

    def forward(self, input: Tensor) -> Tensor:
        """(n, 1, size, size) → probabilities (n, classes)."""
        return F.softmax(self.logits(input), dim=1)
