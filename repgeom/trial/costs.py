"""What the networks of a model take, on disk and in time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import prod

from repgeom.config.models import Model
from repgeom.config.networks import Network
from repgeom.config.nouns import Nouns
from repgeom.errors import InputError
from repgeom.models.nodes import chosen_nodes
from repgeom.trial.network import Trial
from repgeom.workflow import artifacts
from repgeom.workflow.plan import Plan
from repgeom.workflow.sources import recorded_nodes

BYTES = 4
"""Of a number in activations."""
COORDINATE_BYTES = 8
BACKWARD = 3
"""Times that a step of training takes as long as showing a batch."""


@dataclass(frozen=True)
class Cost:
    """What the networks of one model take: bytes on disk, and seconds on this machine's one core."""

    activations: int = 0
    coordinates: int = 0
    recording: float = 0.0
    training: float = 0.0


def cost_of(plan: Plan, model: str, trials: Mapping[str, Trial]) -> Cost:
    """Estimates for all networks of a model; sets whose size only the files can tell are not in it."""
    activations = coordinates = 0
    seconds = 0.0
    for network in {n._replace(nodes=None) for n in plan.networks_of(model) if n.set}:
        n, trial = plan.c.n_stimuli(network.set) or 0, trials[plan.c.dataset_of(network.set)]
        sizes = {name: prod(trial.nodes[name]) for name in recorded(plan.c, model, network, trial)}
        activations += n * sum(sizes[name] for name in kept(plan, model, network, trial)) * BYTES
        coordinates += sum((n + 2) * min(n + 1, size) for size in sizes.values()) * COORDINATE_BYTES
        seconds += n * trial.seconds
    seeds = {network.seed for network in plan.networks_of(model)}
    return Cost(activations, coordinates, seconds, len(seeds) * _training_seconds(plan.c, plan.c.models[model], trials))


def recorded(c: Nouns, model: str, network: Network, trial: Trial) -> list[str]:
    """The nodes that are recorded of a model; none where some that are named are not there."""
    return _there(recorded_nodes(c, model, network.stimuli), trial.nodes, model)


def kept(plan: Plan, model: str, network: Network, trial: Trial) -> list[str]:
    """The recorded nodes whose activations are kept in a file."""
    file = artifacts.of_network(artifacts.ACTIVATIONS, network)
    return _there(plan.kept_nodes(file), recorded(plan.c, model, network, trial), model)


def _there(wanted: Iterable[str] | None, available: Iterable[str], model: str) -> list[str]:
    try:
        return chosen_nodes(wanted, available, model)
    except InputError:  # told among the faults
        return []


def _training_seconds(c: Nouns, section: Model, trials: Mapping[str, Trial]) -> float:
    training = section.training
    if not training or section.dataset not in trials:
        return 0.0
    n = training.iterations * training.batch_size if training.iterations else c.n_training(section.dataset)
    return (n or 0) * training.epochs * BACKWARD * trials[section.dataset].seconds
