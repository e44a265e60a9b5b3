"""What there is in a network, and what it takes, in lines."""

from collections.abc import Mapping

from repgeom.trial.costs import cost_of
from repgeom.trial.network import Trial
from repgeom.workflow.plan import Plan

MOST_LEFT_OUT = 10
"""So many nodes that cannot be recorded are listed."""


def described(plan: Plan, model: str, trials: Mapping[str, Trial]) -> list[str]:
    """Nodes and their shapes for the images of each dataset, what is left out, and the cost of all networks."""
    lines = [f"{model}: {plan.c.models[model].architecture}"]
    for datasets in _seen_alike(trials):
        trial = trials[datasets[0]]
        answer = " × ".join(map(str, trial.outputs)) or "one number"
        lines.append(f"  shown images of {', '.join(datasets)}: {len(trial.nodes)} nodes, answers with {answer}:")
        lines += [f"    {name:<32} {' × '.join(map(str, shape)) or '1'}" for name, shape in trial.nodes.items()]
        told = [f"    left out: {name}, {why}" for name, why in trial.left_out.items()]
        more = len(told) - MOST_LEFT_OUT
        lines += told if more <= 0 else [*told[:MOST_LEFT_OUT], f"    left out: {more} more, named when it is recorded"]
        lines += [f"    {note}" for note in trial.notes]
    cost = cost_of(plan, model, trials)
    lines.append(
        f"  about {_size(cost.activations)} of activations and {_size(cost.coordinates)} of coordinates; "
        f"recording {_time(cost.recording)}" + (f", training {_time(cost.training)}" if cost.training else "")
    )
    return lines


def _seen_alike(trials: Mapping[str, Trial]) -> list[list[str]]:
    """Datasets, together where a network does the same with their images."""
    groups: dict[str, list[str]] = {}
    for dataset, trial in trials.items():
        groups.setdefault(str((trial.nodes, trial.outputs, trial.left_out, trial.notes)), []).append(dataset)
    return list(groups.values())


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
