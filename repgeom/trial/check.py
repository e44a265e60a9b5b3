"""Building every network that analyses need, and comparing what it does with what they ask."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch

from repgeom.config.datasets import ImageFolder
from repgeom.config.nouns import Nouns
from repgeom.datasets.examples import example_images
from repgeom.errors import InputError, first_line
from repgeom.models.architectures import build_model
from repgeom.trial.description import described
from repgeom.trial.faults import model_faults, node_faults
from repgeom.trial.network import Trial, try_network
from repgeom.trial.passes import tell_passes
from repgeom.trial.uses import smallest_batch, try_attack, try_training
from repgeom.trial.weights import take_weights
from repgeom.workflow.plan import Plan
from repgeom.workflow.resources import RECORDING_MB


class DatasetError(InputError):
    """Images that cannot be shown, to whichever network."""


def check_networks(plan: Plan, memory_mb: int = RECORDING_MB) -> tuple[list[str], list[str]]:
    """Build every network that analyses need, show it two images, and compare it with what analyses ask.

    `memory_mb` is what a job of the rule `coordinates` will have.

    Returns
    -------
    lines, faults : lists of str
        What there is, model by model, and what is wrong.
    """
    lines, faults = [], []
    examples = cache(lambda dataset: _images(plan.c, dataset))
    for model in plan.needed_models():
        try:
            shown, passes, unfit = _trials(plan, model, examples, memory_mb)
        except DatasetError as error:
            faults.append(str(error))
            continue
        except InputError as error:
            faults.append(f"models.{model}: {error}")
            continue
        except (Exception, SystemExit) as error:  # whatever the user's own network raises
            faults.append(f"models.{model}: the network fails ({type(error).__name__}: {first_line(error)})")
            continue
        faults += [*model_faults(plan.c, model, shown), *node_faults(plan, model, shown), *unfit]
        lines += described(plan, model, shown) + passes
    return lines, list(dict.fromkeys(faults))


def _trials(
    plan: Plan, model: str, examples: Callable[[str], np.ndarray], memory_mb: int
) -> tuple[dict[str, Trial], list[str], list[str]]:
    """Dataset → what the model does with its images, for all that it is shown or trained on; see `tell_passes`."""
    section = plan.c.models[model]
    used = [section.dataset] if section.training else []
    used += [plan.c.dataset_of(network.set) for network in plan.networks_of(model) if network.set]
    used += (attacked := [plan.c.dataset_of(shown) for attacker, shown in plan.attackers if attacker == model])
    # Copies: a network may change what it is given.
    images = {name: torch.tensor(examples(name)) for name in dict.fromkeys(used) if name}
    built = build_model(section.network(), section.seeds[0])
    notes = take_weights(plan.c, model, built.network)
    trials = {name: try_network(built, shown) for name, shown in images.items()}
    for trial in list(trials.values())[:1]:
        trial.notes[:0] = notes
    passes, unfit = tell_passes(plan, model, built, images, trials, memory_mb)
    if section.training:
        try_training(built, images[section.dataset], smallest_batch(plan.c, section))
    if attacked:
        try_attack(built, images[attacked[0]])
    return trials, passes, unfit


def _images(c: Nouns, dataset: str) -> np.ndarray:
    section = c.datasets[dataset]
    try:
        examples = example_images(section.plain())
        if isinstance(section, ImageFolder):
            section.look()
        return examples
    except InputError as error:
        raise DatasetError(f"datasets.{dataset}: {error}") from error
