"""What a network does otherwise than models and analyses say."""

from collections.abc import Iterator, Mapping, Sequence

from repgeom.config.nouns import Nouns
from repgeom.errors import InputError
from repgeom.models.nodes import chosen_nodes
from repgeom.trial.network import Trial
from repgeom.workflow.plan import Plan
from repgeom.workflow.sources import recorded_nodes


def model_faults(c: Nouns, model: str, trials: Mapping[str, Trial]) -> Iterator[str]:
    """Answers that do not fit the classes of the model's dataset; `trials` are of the images of each dataset."""
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
    if trial.is_complex:
        yield f"models.{model}: it returns complex numbers, no logits; return real ones, such as their size"
    if trial.probabilities and section.training:
        yield (
            f"models.{model}: it returns probabilities, but is trained on logits; leave the softmax out, or give it a "
            "method logits(x)"
        )


def node_faults(plan: Plan, model: str, trials: Mapping[str, Trial]) -> Iterator[str]:
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
