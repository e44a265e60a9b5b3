"""Time a training iteration of the recurrent network, stimuli included, against the straightforward way.

Run ``python benchmarks/rcnn_training.py``; it exits with an error if an iteration at the published size (canvas
100 × 100, batch 32, multiplicative recurrence) is less than twice as fast or the two networks disagree. The
straightforward way makes stimuli one by one with SciPy, evaluates the 18 recurrent modules of the published
network, switches what is not wanted off by a factor of zero, and steps Adam as it comes. Both sides run in turn
in one process with all its threads; the median of several iterations counts.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from repgeom.datasets.digits import load_digits
from repgeom.datasets.letters import draw_letters
from repgeom.models.rcnn import RCNN
from repgeom.stimuli.clutter.parameters import draw, target_labels
from repgeom.stimuli.clutter.rendering import render
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import ClutterSpec

sys.path.append(str(Path(__file__).parents[1] / "tests" / "unit"))
from clutter_reference import reference_canvas

BATCH = 32
ITERATIONS = 12
LEARNING_RATE = 1e-4
PARTS = ("stimuli", "forward", "backward", "optimiser")


class Straightforward(nn.Module):
    """Every pathway in both modulations, always evaluated; flags multiply what they contribute."""

    def __init__(self, bias: bool = False, gain: bool = True, lateral: bool = True, top_down: bool = True):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 8, 5), nn.Conv2d(8, 16, 5)
        self.fc1, self.fc2 = nn.Linear(1296, 128), nn.Linear(512, 20)
        for m in "bg":
            self.add_module(f"c1x{m}", nn.ConvTranspose2d(8, 1, 7, 3))
            self.add_module(f"c2x{m}", nn.ConvTranspose2d(16, 1, 20, 10))
            self.add_module(f"fc1x{m}", nn.Linear(128, 10_000))
            self.add_module(f"c1c1{m}", nn.Conv2d(8, 8, 5, padding=2))
            self.add_module(f"c2c1{m}", nn.ConvTranspose2d(16, 8, 16, 10))
            self.add_module(f"fc1c1{m}", nn.Linear(128, 73_728))
            self.add_module(f"c2c2{m}", nn.Conv2d(16, 16, 5, padding=2))
            self.add_module(f"fc1c2{m}", nn.Linear(128, 12_544))
            self.add_module(f"fc1fc1{m}", nn.Linear(128, 128))
        self.flags = {"b": float(bias), "g": float(gain)}
        self.lateral, self.top_down = float(lateral), float(top_down)

    def forward(self, images: Tensor) -> Tensor:
        seen = []
        map1 = map2 = out1 = out2 = fc = None
        for t in range(4):
            flows = self.flows(map1, map2, out1, out2, fc) if t else dict.fromkeys("bg", (0.0, 0.0, 0.0, 0.0))
            (b_input, b1, b2, b_fc), (g_input, g1, g2, g_fc) = flows["b"], flows["g"]
            image = (images + b_input) * (1 + g_input)
            image = F.relu(image) - F.relu(image - 1)
            map1 = F.relu(self.conv1(image) + b1) * (1 + g1)
            out1 = F.max_pool2d(map1, 3)
            map2 = F.relu(self.conv2(out1) + b2) * (1 + g2)
            out2 = F.max_pool2d(map2, 3)
            fc = F.relu(self.fc1(out2.flatten(1)) + b_fc) * (1 + g_fc)
            seen.append(fc)
        return self.fc2(torch.cat(seen, dim=1))

    def flows(self, map1: Tensor, map2: Tensor, out1: Tensor, out2: Tensor, fc: Tensor) -> dict[str, tuple]:
        flows = {}
        for m, flag in self.flags.items():
            along = {name[:-1]: module for name, module in self.named_children() if name.endswith(m)}
            to_input = along["c1x"](out1) + along["c2x"](out2) + along["fc1x"](fc).view(-1, 1, 100, 100)
            down1 = along["c2c1"](out2) + along["fc1c1"](fc).view(-1, 8, 96, 96)
            down2 = along["fc1c2"](fc).view(-1, 16, 28, 28)
            flows[m] = (
                flag * self.top_down * to_input,
                flag * (self.lateral * along["c1c1"](map1) + self.top_down * down1),
                flag * (self.lateral * along["c2c2"](map2) + self.top_down * down2),
                flag * self.lateral * along["fc1fc1"](fc),
            )
        return flows


def generated(sources: Sources, ids: np.ndarray) -> tuple[Tensor, Tensor]:
    parameters = draw(ClutterSpec(), sources, 1, ids)
    return render(parameters, sources), torch.from_numpy(target_labels(parameters, sources).category)


def looped(sources: Sources, ids: np.ndarray) -> tuple[Tensor, Tensor]:
    parameters = draw(ClutterSpec(), sources, 1, ids)
    canvases = np.stack([reference_canvas(parameters, sources, row) for row in range(len(ids))])
    return torch.from_numpy(canvases).float(), torch.from_numpy(target_labels(parameters, sources).category)


def training(network: nn.Module, make_stimuli: Callable, sources: Sources, **adam) -> Iterator[dict[str, float]]:
    """Train without end; after every iteration, how many seconds each part of it took."""
    optimiser = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE, **adam)
    first = 0
    while True:
        clock = [time.perf_counter()]
        images, categories = make_stimuli(sources, np.arange(first, first + BATCH))
        clock.append(time.perf_counter())
        optimiser.zero_grad()
        loss = F.cross_entropy(network(images.unsqueeze(1)), categories)
        clock.append(time.perf_counter())
        loss.backward()
        clock.append(time.perf_counter())
        optimiser.step()
        clock.append(time.perf_counter())
        first += BATCH
        yield dict(zip(PARTS, np.diff(clock), strict=True))


def show(name: str, iterations: list[dict[str, float]]) -> float:
    parts = {part: 1e3 * median(iteration[part] for iteration in iterations) for part in PARTS}
    total = 1e3 * median(sum(iteration.values()) for iteration in iterations)
    print(f"{name:16s} {total:8.0f} ms: " + ", ".join(f"{part} {ms:.0f}" for part, ms in parts.items()))
    return total


def main() -> None:
    sources = Sources.from_domains(load_digits()["train"], draw_letters(50, 1, seed=0)["train"])
    network, plain = RCNN(generator=torch.Generator().manual_seed(0)), Straightforward()
    plain.load_state_dict(network.state_dict(), strict=False)
    images, _ = generated(sources, np.arange(BATCH))
    difference = (network(images) - plain(images.unsqueeze(1))).abs().max().item()
    runs = {
        "straightforward": training(plain, looped, sources),
        "repgeom": training(network, generated, sources, fused=True),
    }
    times: dict[str, list[dict[str, float]]] = {name: [] for name in runs}
    for _ in range(ITERATIONS):
        for name, run in runs.items():
            times[name].append(next(run))
    # The first iteration also compiles the generator and allocates Adam's moments.
    slow, fast = (show(name, iterations[1:]) for name, iterations in times.items())
    print(f"{slow / fast:.1f} times as fast with {torch.get_num_threads()} threads")
    print(f"largest difference of logits before training {difference:.1e}")
    if slow < 2 * fast or difference > 1e-4:
        sys.exit("An iteration is not twice as fast with the same logits.")


if __name__ == "__main__":
    main()
