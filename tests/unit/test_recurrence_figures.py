"""Study 5: what its figures draw is what their tables say, and published values only where they belong."""

import numpy as np
import pandas as pd

from repgeom.figures import recurrence

LAYERS = ("input", "conv1", "conv2", "fc")
IMPORTANCE = "functional importance of gain flow"


def summary(measure, layers, timesteps, variables, stimuli="cluttered"):
    """A summary whose every mean is different."""
    rows = [(measure, stimuli, layer, t, v) for layer in layers for t in timesteps for v in variables]
    table = pd.DataFrame(rows, columns=["measure", "stimuli", "layer", "timestep", "variable"])
    mean = 0.1 + 0.8 * np.arange(len(table)) / len(table)
    return table.assign(mean=mean, low=mean - 0.02, high=mean + 0.03, over="networks", n=5)


def published(*rows):
    return pd.DataFrame(rows, columns=["measure", "layer", "timestep", "variable", "reference", "ci95"])


def importance():
    return summary(IMPORTANCE, LAYERS, (2, 3, 4), ("location", "orientation", "scale", "category", *recurrence.SWAPS))


def drawn(axes):
    """Label → (heights of the points, lower and upper ends of their bars)."""
    found = {}
    for container in axes.containers:
        points, _, (bars,) = container.lines
        ends = np.array([segment[:, 1] for segment in bars.get_segments()])
        found.setdefault(container.get_label(), []).append((np.asarray(points.get_ydata(), dtype=float), ends))
    return found


def test_importance_draws_every_property_with_its_interval():
    table = importance()
    figure = recurrence.functional_importance(table, None)
    for axes, layer in zip(figure.axes[:4], LAYERS, strict=True):
        found = drawn(axes)
        assert list(found) == ["location", "orientation", "scale", "category"]
        expected = table[(table.layer == layer) & (table.variable == "scale")]
        points, ends = found["scale"][0]
        np.testing.assert_allclose(points, expected["mean"])
        np.testing.assert_allclose(ends, expected[["low", "high"]])
    assert figure.axes[0].get_ylabel() == "functional importance"


def test_published_decoding_is_not_drawn_as_importance():
    references = published(
        (IMPORTANCE, "fc", 3, "scale", 0.25, 0.05),
        ("layer decoding, cluttered", "fc", 3, "scale", 0.86, 0.01),
        ("gain flow decoding, cluttered", "fc", 3, "location", 0.95, 0.01),
    )
    figure = recurrence.functional_importance(importance(), references)
    found = {axes.get_title(): drawn(axes).get("published") for axes in figure.axes}
    ((points, ends),) = found.pop("flow to fc, properties")
    np.testing.assert_allclose(points, [0.25])
    np.testing.assert_allclose(ends, [[0.2, 0.3]])
    assert not any(found.values())
