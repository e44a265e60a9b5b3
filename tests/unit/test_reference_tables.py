"""Published numbers: each says where it stands, what it is about, and follows from what it claims to follow from."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from repgeom.analyses.references import PROPERTIES
from repgeom.datasets.tree import BranchingTree, expected_similarity

RESOURCES = Path(__file__).parents[2] / "resources"
TABLES = sorted(RESOURCES.glob("reference_*.csv"))


def rows_of(name):
    with open(RESOURCES / f"reference_{name}.csv", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_number_has_a_source_and_one_name(path):
    rows = rows_of(path.stem.removeprefix("reference_"))
    assert {"quantity", "dataset", "reference", "source"} <= set(rows[0])
    assert len({(row["quantity"], row["dataset"]) for row in rows}) == len(rows)
    for row in rows:
        assert np.isfinite(float(row["reference"])) and row["dataset"] and len(row["source"]) > 20


def test_final_modes_are_those_of_the_tree():
    """Singular values of 10,000 features: square roots of the eigenvalues of the expected products."""
    values = {row["quantity"]: float(row["reference"]) for row in rows_of("learning_dynamics")}
    modes = np.sqrt(10_000 * np.linalg.eigvalsh(expected_similarity(BranchingTree()))[::-1])
    assert values["final mode 1"] == pytest.approx(modes[0], abs=0.005)
    for number in range(2, 9):
        assert values[f"final mode {number} / mode 1"] == pytest.approx(modes[number - 1] / modes[0], abs=5e-5)
    energy = modes**2 / 80_000
    for plateau, learned in [(1, 1), (2, 2), (3, 4)]:
        assert values[f"loss at plateau {plateau}"] == pytest.approx(energy[learned:].sum(), abs=0.003)


def test_places_of_canvases_are_compared_axis_by_axis():
    """Our x is the column; the published pos_x is the row."""
    for row in rows_of("recurrence"):
        if row["variable"] in ("x", "y"):
            assert row["quantity"].endswith(f", {row['variable']}")
            assert f"pos_{'y' if row['variable'] == 'x' else 'x'}" in row["source"]
        else:
            assert "pos_" not in row["source"]


def test_published_intervals_say_their_real_level():
    """1.96·sd/√5 with the sd of ddof 0, against Student's t on four degrees of freedom."""
    level = 1 - 2 * stats.t.sf(1.96 * np.sqrt(4 / 5), 4)
    for row in rows_of("recurrence"):
        assert f"{100 * level:.1f} %" in row["interval"] or row["quantity"].startswith("rank by ")


def test_published_ranks_are_those_of_the_published_means():
    of_means = [row for row in rows_of("recurrence") if row["variable"] in PROPERTIES]
    for row in rows_of("recurrence"):
        if row["quantity"].startswith("rank by "):
            step = [
                o for o in of_means if (f"rank by {o['measure']}", o["timestep"]) == (row["measure"], row["timestep"])
            ]
            value = next(
                float(o["reference"]) for o in step if (o["layer"], o["variable"]) == (row["layer"], row["variable"])
            )
            assert len(step) == 16
            assert sum(float(o["reference"]) > value for o in step) + 1 == int(row["reference"])


def test_attacked_accuracies_say_by_which_attack():
    for row in rows_of("robustness"):
        if row["quantity"].startswith("attacked"):
            assert "fgsm_nll" in row["source"]
