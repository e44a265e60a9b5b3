"""Accuracy of answers after every step: rows, summary and figure."""

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.readout import answer_nodes, readout_rows, readout_summary
from repgeom.errors import InputError
from repgeom.figures.readout import readout_accuracy

LABELS = {"cluttered": "in clutter", "clean": "alone"}


def test_answers_are_found_by_their_module():
    nodes = {"fc_t1": {"module": "fc", "timestep": 1}, "logits_t1": {"module": "logits", "timestep": 1},
             "logits_t2": {"module": "logits", "timestep": 2}}  # fmt: skip
    assert answer_nodes(nodes, "here") == {1: "logits_t1", 2: "logits_t2"}
    with pytest.raises(InputError, match="here: no node is called logits_t1"):
        answer_nodes({"fc": {"module": "fc", "timestep": 0}}, "here")


def test_rows_count_right_answers():
    logits = {1: np.eye(3)[[0, 0, 0, 0]], 2: np.eye(3)[[0, 1, 2, 0]]}
    rows = list(readout_rows(logits, np.array([0, 1, 2, 2])))
    assert [(r["timestep"], r["accuracy"], r["n"]) for r in rows] == [(1, 0.25, 4), (2, 0.75, 4)]
    z2 = 1.959964**2  # Wilson's ends are the roots of (p − share)² = z² p(1 − p) / n
    for row in rows:
        for p in (row["low"], row["high"]):
            assert (p - row["accuracy"]) ** 2 == pytest.approx(z2 * p * (1 - p) / 4, rel=1e-5)
        assert row["low"] < row["accuracy"] < row["high"] and row["interval"] == "95 % Wilson over images"


def answers(n_seeds=3, stimuli=tuple(LABELS)):
    rows = [(s, shown, r, t) for s in range(n_seeds) for shown in stimuli for r in (1, 2) for t in (1, 2)]
    table = pd.DataFrame(rows, columns=["seed", "stimuli", "repetition", "timestep"])
    return table.assign(model="rcnn", n=50, accuracy=0.1 + 0.8 * np.arange(len(table)) / len(table))


def test_the_summary_is_over_networks_whose_repetitions_are_averaged_first():
    networks = answers().query("stimuli == 'clean'")
    summary = readout_summary(networks).set_index("timestep")
    by_seed = networks.groupby(["timestep", "seed"])["accuracy"].mean().unstack()
    for step, row in summary.iterrows():
        mean = by_seed.loc[step].mean()
        half = 4.302653 * by_seed.loc[step].std() / np.sqrt(3) / (mean * (1 - mean))  # Student's t, 2 degrees
        logits = np.log(mean / (1 - mean)) + np.array([-half, half])
        assert row["mean"] == pytest.approx(mean)
        assert [row["low"], row["high"]] == pytest.approx(1 / (1 + np.exp(-logits)), abs=0.003)
        assert (row["interval"], row["n"]) == ("95 % t over networks", 3)


@pytest.mark.parametrize("accuracy", [0.0, 0.02, 0.98, 1.0])
@pytest.mark.parametrize("n_seeds", [1, 2, 3])
def test_intervals_of_answers_hold_their_mean_and_stay_between_nothing_and_all(n_seeds, accuracy):
    networks = answers(n_seeds)
    summary = readout_summary(networks.assign(accuracy=np.where(networks["seed"] == 0, accuracy, round(accuracy))))
    assert (summary["low"] >= 0).all() and (summary["high"] <= 1).all()
    assert ((summary["low"] <= summary["mean"]) & (summary["mean"] <= summary["high"])).all()
    assert (summary["low"] < summary["high"]).all()


def drawn(axes):
    return {c.get_label(): np.asarray(c.lines[0].get_ydata(), dtype=float) for c in axes.containers}


def test_figure_has_a_line_per_stimulus_set_and_a_dot_for_every_network():
    networks = answers()
    summary = readout_summary(networks)
    (axes,) = readout_accuracy(summary, 0.05, LABELS, networks).axes
    dots = [line for line in axes.lines if line.get_marker() == "."]
    assert [len(line.get_ydata()) for line in dots] == [6, 6]
    expected = networks[networks.stimuli == "clean"].groupby(["timestep", "seed"])["accuracy"].mean()
    np.testing.assert_allclose(dots[1].get_ydata(), 100 * expected)
    np.testing.assert_allclose(np.round(dots[1].get_xdata()), [0, 0, 0, 1, 1, 1])
    lines = drawn(axes)
    assert set(lines) == {"in clutter", "alone"}
    np.testing.assert_allclose(lines["alone"], 100 * summary[summary.stimuli == "clean"]["mean"])
    assert axes.get_ylabel() == "accuracy (%)" and axes.get_xlabel() == "timestep"
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["1\n(no recurrence)", "2"]


@pytest.mark.parametrize("stimuli", [("clean",), tuple(LABELS), ("a", "b", "c")])
def test_dots_lie_beside_the_lines_of_all_stimuli(stimuli):
    networks = answers(stimuli=stimuli)
    labels = {name: name for name in stimuli}
    (axes,) = readout_accuracy(readout_summary(networks), 0.05, labels, networks).axes
    lines = [x for c in axes.containers for x in c.lines[0].get_xdata()]
    dots = [x for line in axes.lines if line.get_marker() == "." for x in line.get_xdata()]
    assert min(abs(x - line) for x in dots for line in lines) > 0.02


def test_published_accuracy_stands_at_the_last_step():
    references = pd.DataFrame(
        [{"measure": "output accuracy, clean", "stimuli": "clean", "reference": 0.869, "ci95": 0.01}]
    )
    (axes,) = readout_accuracy(readout_summary(answers()), 0.05, LABELS, published=references).axes
    np.testing.assert_allclose(drawn(axes)["published"], [86.9])
    (container,) = [c for c in axes.containers if c.get_label() == "published"]
    assert [round(x) for x in container.lines[0].get_xdata()] == [1]
