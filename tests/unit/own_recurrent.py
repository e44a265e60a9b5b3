"""A recurrent network as somebody might bring their own: other layers, another modulation, other connections."""

import torch
from torch import nn

from repgeom.models.recurrent_network import RecurrentNetwork


class Own(RecurrentNetwork):
    """Two fully connected layers above the image; the upper one divides the lower one's activity."""

    def __init__(self, side=32, units=(12, 8), n_categories=5, n_steps=3):
        super().__init__(["input", "low", "high"], n_steps)
        low, high = units
        self.connect("input", "low", "drive", nn.Linear(side * side, low), "up1")
        self.connect("low", "high", "drive", nn.Linear(low, high), "up2")
        self.connect("low", "low", "bias", nn.Linear(low, low))
        self.connect("high", "low", "bias", nn.Linear(high, low))
        self.connect("high", "low", "divisor", nn.Linear(high, low))
        self.connect(
            "high", "input", "bias", nn.Sequential(nn.Linear(high, side * side), nn.Unflatten(1, (1, side, side)))
        )
        self.connect("high", "logits", "drive", nn.Linear(high, n_categories), "answer")

    def respond(self, layer, images, outputs, flow):
        """Linear, rectified, divided."""
        if layer == "input":
            return images + flow.get("bias", 0)
        if layer == "low":
            drive = self.up1(outputs["input"].flatten(1)) + flow.get("bias", 0)
            return torch.relu(drive) / (1 + flow.get("divisor", torch.zeros(())).abs())
        return torch.relu(self.up2(outputs["low"]))

    def readout(self, top):
        """From the last state."""
        return self.answer(top[-1])
