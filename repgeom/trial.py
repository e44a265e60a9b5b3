"""Trying the networks of a configuration out on two images, before anything is computed.

What would else end in a job after an hour of training ends here: options that the constructor refuses, imports that are
not found, images that do not fit, too few outputs, probabilities where logits are expected, nodes that are not there.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from math import prod

import numpy as np
import torch
from torch import nn

from repgeom.activations.oddities import look_at
from repgeom.activations.recorder import Node, as_it_was, is_one_by_one
from repgeom.config.datasets import ImageFolder
from repgeom.config.models import Model, Source
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.config.stimuli import Attacked
from repgeom.datasets.examples import example_images
from repgeom.errors import InputError, first_line
from repgeom.models.architectures import PixelModel, build_model
from repgeom.models.known_weights import Checksum
from repgeom.models.nodes import chosen_nodes
from repgeom.models.outputs import LOGITS, answer_in, logits_method, named_parts
from repgeom.models.published import load_published
from repgeom.workflow.plan import Plan
from repgeom.workflow.sources import recorded_nodes

BYTES = 4
"""Of a number in activations."""
COORDINATE_BYTES = 8
REPEATS = 8
"""How often two images are shown at once, to see how long a batch takes."""
MOST_LEFT_OUT = 10
"""So many nodes that cannot be recorded are listed."""
BACKWARD = 3
"""Times that a step of training takes as long as showing a batch."""
LEAVE_OUT = "leave torch.no_grad, detach, rounding and the like out of forward"


@dataclass(frozen=True)
class Trial:
    """What a network does with two images of one dataset.

    Attributes
    ----------
    nodes : dict
        Node → shape for one image, in execution order.
    left_out : dict
        Node → why it cannot be recorded.
    notes : list of str
        What is worth knowing, such as how it is recorded.
    seconds : float
        For showing one image.
    outputs : tuple of int
        Shape of its answer to one image.
    """

    nodes: dict[str, tuple[int, ...]]
    left_out: dict[str, str]
    outputs: tuple[int, ...]
    seconds: float
    probabilities: bool
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Cost:
    """What the networks of one model take: bytes on disk, and seconds on this machine's one core."""

    activations: int = 0
    coordinates: int = 0
    recording: float = 0.0
    training: float = 0.0


class DatasetError(InputError):
    """Images that cannot be shown, to whichever network."""


def check_networks(plan: Plan) -> tuple[list[str], list[str]]:
    """Build every network that analyses look at, show it two images, and compare it with what analyses ask.

    Returns
    -------
    lines, faults : lists of str
        What there is, model by model, and what is wrong.
    """
    lines, faults = [], []
    examples = cache(lambda dataset: _images(plan.c, dataset))
    for model in plan.models():
        try:
            shown = _trials(plan, model, examples)
        except DatasetError as error:
            faults.append(str(error))
            continue
        except InputError as error:
            faults.append(f"models.{model}: {error}")
            continue
        except (Exception, SystemExit) as error:  # whatever the user's own network raises
            faults.append(f"models.{model}: the network fails ({type(error).__name__}: {first_line(error)})")
            continue
        faults += list(_model_faults(plan.c, model, shown)) + list(_node_faults(plan, model, shown))
        lines += _described(plan, model, shown)
    return lines, list(dict.fromkeys(faults))


def try_network(model: PixelModel, images: torch.Tensor) -> Trial:
    """Show a network two images (2, c, h, w), node by node."""
    notes: list[str] = []
    model.eval()
    shown = model.normalise(images)
    with as_it_was(model.network), torch.inference_mode():
        answer = _answer(model, images)
        notes += _unsaid(model.network, shown)
    recorder, odd = look_at(model.network, shown, notes.append)
    with torch.inference_mode():
        nodes: dict[str, tuple[int, ...]] = {}

        def note(node: Node, value: torch.Tensor) -> None:
            nodes.setdefault(node.name, tuple(value.shape[1:]))

        for batch in (shown[:1], shown[1:]) if is_one_by_one(recorder) else (shown,):
            recorder.record(batch.clone(), note)
        seconds = _seconds(model, images[:1] if is_one_by_one(recorder) else images.repeat(REPEATS, 1, 1, 1))
    return Trial(
        nodes={name: shape for name, shape in nodes.items() if name not in odd},
        left_out=odd,
        outputs=tuple(answer.shape[1:]),
        seconds=seconds,
        probabilities=_are_probabilities(answer),
        notes=notes,
    )


def _answer(model: PixelModel, images: torch.Tensor) -> torch.Tensor:
    try:
        return model(images)
    except InputError:
        raise
    except Exception as error:  # whatever the user's own network raises
        shape = " × ".join(map(str, images.shape[1:]))
        raise InputError(
            f"the network fails on images of {shape} ({type(error).__name__}: {first_line(error)}); where it "
            "expects others, set the dataset's mode and size, or resize and crop of the model"
        ) from error


def _unsaid(network: nn.Module, shown: torch.Tensor) -> Iterator[str]:
    """Which of several named tensors was taken for the network's answer, where none is called as logits are."""
    answer = network(shown.clone()) if not logits_method(network) else None
    names, _ = answer_in(answer)
    if len(named := named_parts(answer)) > 1 and not set(names) & set(LOGITS):
        yield (
            f"it returns {', '.join(named)}; {'.'.join(names)} is taken for its answer: call the logits "
            f"{' or '.join(LOGITS)}, or give the network a method logits(x)"
        )


def _seconds(model: PixelModel, images: torch.Tensor) -> float:
    """How long it takes to show one image, of so many at once; the shorter of two tries."""
    tries = []
    for _ in range(2):
        begin = time.perf_counter()
        model(images)
        tries.append(time.perf_counter() - begin)
    return min(tries) / len(images)


def _trials(plan: Plan, model: str, examples: Callable[[str], np.ndarray]) -> dict[str, Trial]:
    """Dataset → what the model does with its images, for all that it is shown or trained on."""
    section = plan.c.models[model]
    used = [section.dataset] if section.training else []
    used += [plan.c.dataset_of(network.set) for network in _networks(plan, model) if network.set]
    # Copies: a network may change what it is given.
    images = {name: torch.tensor(examples(name)) for name in dict.fromkeys(used) if name}
    built = build_model(section.network(), section.seeds[0])
    notes = _take_weights(built, section.source)
    trials = {name: try_network(built, shown) for name, shown in images.items()}
    for trial in list(trials.values())[:1]:
        trial.notes[:0] = notes
    if section.training:
        _try_training(built, images[section.dataset], _smallest_batch(plan.c, section))
    if images and _is_attacker(plan, model):
        _try_attack(built, next(iter(images.values())))
    return trials


def _images(c: Nouns, dataset: str) -> np.ndarray:
    section = c.datasets[dataset]
    try:
        examples = example_images(section.plain())
        if isinstance(section, ImageFolder):
            section.look()
        return examples
    except InputError as error:
        raise DatasetError(f"datasets.{dataset}: {error}") from error


def _take_weights(built: PixelModel, source: Source | None) -> list[str]:
    """Copy the weights of a file that lies here into the network; what is left out of it."""
    notes: list[str] = []
    if source and source.path:
        checksum = source.checksum()
        load_published(built.network, source.path, Checksum(*checksum) if checksum else None, notes.append)
    return notes


def _try_training(model: PixelModel, images: torch.Tensor, batch: int) -> None:
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
            left = f"{told}, as the last one of an epoch is; set drop_last: true, or another batch_size"
            raise InputError(left if batch == 1 else told) from error
    if not answer.requires_grad:
        raise InputError("it cannot be trained, since its answers have no gradient; " + LEAVE_OUT)


def _try_attack(model: PixelModel, images: torch.Tensor) -> None:
    """Ask for the gradient that attacks climb."""
    model.eval()
    images = images.clone().requires_grad_()
    with as_it_was(model.network):
        answer = _answer(model, images)
    found = torch.autograd.grad(answer.square().sum(), images, allow_unused=True) if answer.requires_grad else [None]
    if found[0] is None or not found[0].any():
        raise InputError("it cannot be attacked, since no gradient reaches its images; " + LEAVE_OUT)


def _is_attacker(plan: Plan, model: str) -> bool:
    """Whether images are attacked by the gradients of a model."""
    shown = {n for name in plan.analyses for n in plan.networks(name) if n.set}
    attacked = ((plan.c.stimuli[n.set], n) for n in shown)
    return any(isinstance(s, Attacked) and plan.c.attacker_of(s, n.model, n.seed)[0] == model for s, n in attacked)


def _smallest_batch(c: Nouns, section: Model) -> int:
    """Of an epoch of training, as far as can be told."""
    training, n = section.training, None if section.training.iterations else _n_training(c, section.dataset)
    rest = n % training.batch_size if n and not training.drop_last else 0
    return rest or training.batch_size


def _n_training(c: Nouns, dataset: str) -> int | None:
    section = c.datasets[dataset]
    if isinstance(section, ImageFolder):
        from repgeom.datasets.folder import list_images

        return len(list_images(section.path, section.labels, section.class_column)["train"].files)
    return c.n_training(dataset)


def _networks(plan: Plan, model: str) -> list[Network]:
    """All networks of a model that analyses look at, each with the nodes that are looked at."""
    return list(dict.fromkeys(n for name in plan.analyses for n in plan.networks(name) if n.model == model))


def _are_probabilities(answer: torch.Tensor) -> bool:
    """Whether all rows are between 0 and 1 and add up to 1."""
    if answer.ndim != 2 or answer.shape[1] < 2 or not answer.is_floating_point():
        return False
    return bool((answer >= 0).all() and torch.allclose(answer.sum(dim=1), torch.ones(len(answer)), atol=1e-4))


def _model_faults(c: Nouns, model: str, trials: dict[str, Trial]) -> Iterator[str]:
    section = c.models[model]
    trial = trials.get(section.dataset or "")
    if trial is None or not (section.training or section.dataset):
        return
    classes = c.n_classes(section.dataset)
    if len(trial.outputs) != 1:
        yield f"models.{model}: it returns shape {list(trial.outputs)} for one image, no logits (one for each class)"
    elif classes and trial.outputs[0] < classes:
        yield (
            f"models.{model}: it has {trial.outputs[0]} outputs, but {section.dataset!r} {classes} classes; set the "
            "number of classes in options"
        )
    if trial.probabilities and section.training:
        yield (
            f"models.{model}: it returns probabilities, but is trained on logits; leave the softmax out, or give it a "
            "method logits(x)"
        )


def _node_faults(plan: Plan, model: str, trials: dict[str, Trial]) -> Iterator[str]:
    """Nodes that the model, stimuli or analyses name and the network lacks or does not record."""
    faults = {}
    for name in plan.analyses:
        for network in plan.networks(name):
            if network.model == model and network.set:
                nodes = trials[plan.c.dataset_of(network.set)].nodes
                wanted = recorded_nodes(plan.c, model, network.stimuli)
                key = f"studies.{name.replace('/', '.')}.of"
                faults |= dict.fromkeys(_missing(nodes, wanted, network.nodes, model, network.set, key))
    yield from faults


def _missing(
    nodes: Sequence[str], recorded: Sequence[str] | None, wanted: Sequence[str] | None, model: str, shown: str, key: str
) -> Iterator[str]:
    try:
        nodes = chosen_nodes(recorded, nodes, f"nodes that models.{model} or stimuli.{shown} says to record: {model!r}")
        chosen_nodes(wanted, nodes, f"{key}.nodes: {model!r} shown {shown!r}")
    except InputError as error:
        yield str(error)


def _described(plan: Plan, model: str, trials: dict[str, Trial]) -> list[str]:
    section = plan.c.models[model]
    lines = [f"{model}: {section.architecture}"]
    for dataset, trial in trials.items():
        answer = " × ".join(map(str, trial.outputs)) or "one number"
        lines.append(f"  shown images of {dataset}, {len(trial.nodes)} nodes, answers with {answer}:")
        lines += [f"    {name:<32} {' × '.join(map(str, shape)) or '1'}" for name, shape in trial.nodes.items()]
        told = [f"    left out: {name}, {why}" for name, why in trial.left_out.items()]
        more = len(told) - MOST_LEFT_OUT
        lines += told if more <= 0 else [*told[:MOST_LEFT_OUT], f"    left out: {more} more, named when it is recorded"]
        lines += [f"    {note}" for note in trial.notes]
    cost = _cost(plan, model, section, trials)
    lines.append(
        f"  about {_size(cost.activations)} of activations and {_size(cost.coordinates)} of coordinates; "
        f"recording {_time(cost.recording)}" + (f", training {_time(cost.training)}" if cost.training else "")
    )
    return lines


def _cost(plan: Plan, model: str, section: Model, trials: dict[str, Trial]) -> Cost:
    """Estimates for all networks of a model; sets whose size only the files can tell are not in it."""
    activations = coordinates = images = 0
    seconds = 0.0
    for network in {n._replace(nodes=None) for n in _networks(plan, model) if n.set}:
        n, trial = plan.c.n_stimuli(network.set) or 0, trials[plan.c.dataset_of(network.set)]
        kept = _recorded(plan.c, model, network, trial)
        sizes = [prod(trial.nodes[name]) for name in kept]
        activations += n * sum(sizes) * BYTES if plan.c.keep_activations or plan.c.recording_parts > 1 else 0
        coordinates += sum((n + 2) * min(n + 1, size) for size in sizes) * COORDINATE_BYTES
        seconds += n * trial.seconds
        images += n
    seeds = {network.seed for network in _networks(plan, model)}
    return Cost(activations, coordinates, seconds, len(seeds) * _training_seconds(plan.c, section, trials))


def _recorded(c: Nouns, model: str, network: Network, trial: Trial) -> list[str]:
    try:
        return chosen_nodes(recorded_nodes(c, model, network.stimuli), trial.nodes, model)
    except InputError:  # told among the faults
        return []


def _training_seconds(c: Nouns, section: Model, trials: dict[str, Trial]) -> float:
    training = section.training
    if not training or section.dataset not in trials:
        return 0.0
    n = training.iterations * training.batch_size if training.iterations else _n_training(c, section.dataset)
    return (n or 0) * training.epochs * BACKWARD * trials[section.dataset].seconds


def _size(n: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n /= 1000
    return f"{n:.1f} TB"


def _time(seconds: float) -> str:
    if seconds >= 7200:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
