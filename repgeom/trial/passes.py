"""How many passes over their stimuli networks will take that are reduced while they run, before any job."""

import gc
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import torch

from repgeom.activations.memory import give_back_libraries
from repgeom.activations.stimuli import Showing, show
from repgeom.activations.streaming import plan_in_words, share_out_and_plan
from repgeom.activations.survey import Survey, take_survey
from repgeom.config.networks import Network
from repgeom.coordinates.projection import projection_for
from repgeom.coordinates.reduction import load_compiled
from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel
from repgeom.store.stimuli import StimulusSet
from repgeom.trial.costs import recorded
from repgeom.trial.network import Trial
from repgeom.workflow.plan import Plan


def tell_passes(
    plan: Plan,
    model: str,
    built: PixelModel,
    images: Mapping[str, torch.Tensor],
    trials: Mapping[str, Trial],
    memory_mb: int,
) -> tuple[list[str], list[str]]:
    """What each stimulus set takes that the model will be reduced on while it runs, of two images of its dataset.

    Returns
    -------
    lines, faults : lists of str
        Of sets that take more than one pass, and of those that do not fit into the memory of a job.
    """
    lines, faults = [], []
    if not plan.c.reduces_while_running:
        return lines, faults
    gc.collect()  # networks tried before, which would count as this one's memory
    load_compiled()
    give_back_libraries()
    for network in _reduced(plan, model):
        dataset, n = plan.c.dataset_of(network.set), plan.c.n_stimuli(network.set)
        nodes = recorded(plan.c, model, network, trials[dataset])
        if not n or not nodes:
            continue
        shown = _showing(built, images[dataset], plan.c.batch_size)
        try:
            if words := _in_words(plan, shown, take_survey(shown, nodes), n, memory_mb):
                lines.append(f"  shown {network.set}, in {memory_mb} MB: {words}")
        except InputError as error:
            faults.append(f"models.{model}: shown {network.set!r}: {error}")
    return lines, faults


def _reduced(plan: Plan, model: str) -> Iterator[Network]:
    """The model shown each stimulus set that it is reduced on, once."""
    named = filter(plan.reads_coordinates, plan.analyses)
    found = {n.set: n for name in named for n in plan.networks(name) if n.model == model and n.set}
    yield from found.values()


def _showing(built: PixelModel, images: torch.Tensor, batch_size: int) -> Showing:
    count = len(images)
    few = StimulusSet(images.numpy().copy(), np.zeros(count, np.int64), np.arange(count).astype(str))
    return show(built, few, batch_size, lambda _: None)  # what is worth knowing, the trial has told


def _in_words(plan: Plan, shown: Showing, survey: Survey, n: int, memory_mb: int) -> str:
    """The plan for n stimuli; empty where it is one pass. A job reads weights from their file when they are needed."""
    weights = {name: weight.nbytes for name, weight in shown.model.network.named_parameters()}
    survey.note_weights(shown.recorder, weights)
    projection = projection_for(n, plan.c.projection.plain() if plan.c.projection else None)
    if _on_gpu(plan):
        survey.found.update({node: replace(kind, kept=None) for node, kind in survey.found.items()})
    shares, passes = share_out_and_plan(
        survey, n, shown.batch_size, memory_mb * 1e6 + sum(weights.values()), projection
    )
    return plan_in_words(passes, survey, n, shares.batch, projection) if len(passes) > 1 else ""


def _on_gpu(plan: Plan) -> bool:
    """Whether the job will run where passes begin anew."""
    return plan.c.device == "cuda" or (plan.c.device == "auto" and torch.cuda.is_available())
