"""Small recurrent convolutional network of the Neuromatch NeuroAI course (W1D3), 2650 parameters."""

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional as F


class Recurrent(nn.Module):
    """One convolution of the image, then `steps` × { x ← ReLU(conv1 output + conv2(x)) } with shared weights.

    `forward` returns class probabilities, `logits` what goes into the softmax.

    Parameters
    ----------
    steps : int
        Number of recurrent steps.
    channels : int
        Channels of both convolutions.
    classes : int
        Number of output classes.
    """

    def __init__(self, steps: int = 5, channels: int = 16, classes: int = 10):
        super().__init__()
        self.steps = steps
        self.conv1 = nn.Conv2d(1, channels, 3, stride=3)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.readout = nn.Sequential(
            OrderedDict(
                dropout=nn.Dropout(0.25),
                avgpool=nn.AdaptiveAvgPool2d(1),
                flatten=nn.Flatten(),
                linear=nn.Linear(channels, classes),
            )
        )

    def logits(self, input: Tensor) -> Tensor:
        """(n, 1, h, w) → (n, classes)."""
        feedforward = self.conv1(input)
        x = feedforward
        for _ in range(self.steps):
            x = F.relu(feedforward + self.conv2(x))
        return self.readout(x)

    def forward(self, input: Tensor) -> Tensor:
        """(n, 1, h, w) → probabilities (n, classes)."""
        return F.softmax(self.logits(input), dim=1)
