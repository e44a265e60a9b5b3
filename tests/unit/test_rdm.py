"""RDMs on coordinates equal rsatoolbox's on the raw activations."""

import numpy as np
import pytest
import rsatoolbox
from scipy.spatial.distance import pdist

from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import DamagedError, InputError
from repgeom.measures.rdm import compute_rdm, label_rdm, rdms_of_nodes
from repgeom.store.provenance import damaged

ACTIVATIONS = {
    "gaussian": lambda r: r.normal(size=(40, 900)),
    "rectified": lambda r: np.maximum(r.normal(size=(40, 900)), 0),
    "narrow": lambda r: r.normal(size=(60, 10)),
    "large mean": lambda r: 100 + r.normal(size=(40, 900)),
}


@pytest.mark.parametrize("kind", ACTIVATIONS)
@pytest.mark.parametrize("measure", ["correlation", "euclidean"])
def test_equals_rsatoolbox(kind, measure):
    x = ACTIVATIONS[kind](np.random.default_rng(0))
    expected = rsatoolbox.rdm.calc_rdm(rsatoolbox.data.Dataset(x), method=measure).dissimilarities[0]
    np.testing.assert_allclose(compute_rdm(reduce_activations([x]), measure), expected, rtol=1e-6)


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_equals_scipy(kind):
    x = ACTIVATIONS[kind](np.random.default_rng(1))
    coordinates = reduce_activations([x])
    np.testing.assert_allclose(compute_rdm(coordinates, "cosine"), pdist(x, "cosine"), rtol=1e-6)
    np.testing.assert_allclose(compute_rdm(coordinates, "euclidean"), pdist(x) ** 2 / x.shape[1], rtol=1e-9)


def test_invariances():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(30, 200))
    rotation = np.linalg.qr(rng.normal(size=(200, 200)))[0]

    def rdm(y, measure):
        return compute_rdm(reduce_activations([y]), measure)

    np.testing.assert_allclose(rdm(2.5 * x + 7, "correlation"), rdm(x, "correlation"), atol=1e-12)
    np.testing.assert_allclose(rdm(2.5 * x @ rotation, "cosine"), rdm(x, "cosine"), atol=1e-12)
    shifted = 2.5 * x @ rotation + rng.normal(size=200)
    np.testing.assert_allclose(rdm(shifted, "euclidean"), 2.5**2 * rdm(x, "euclidean"), rtol=1e-10)


def test_small_spread_on_a_large_mean():
    spread = 1e-3 * np.random.default_rng(3).normal(size=(20, 600))
    x = 1e4 + spread
    exact = pdist(x - x.mean(axis=0)) ** 2 / 600
    np.testing.assert_allclose(compute_rdm(reduce_activations([x]), "euclidean"), exact, rtol=1e-9)


def test_nearly_parallel_patterns_keep_their_digits():
    rng = np.random.default_rng(4)
    base, noise = rng.normal(size=500), rng.normal(size=(2, 500))
    x = np.vstack([base, base + 1e-4 * noise[0], base + 1e-4 * noise[1]])
    unit = (x - x.mean(axis=1, keepdims=True)) / np.linalg.norm(x - x.mean(axis=1, keepdims=True), axis=1)[:, None]
    expected = pdist(unit) ** 2 / 2
    np.testing.assert_allclose(compute_rdm(reduce_activations([x]), "correlation"), expected, rtol=1e-6)


def test_undefined_distances_name_the_stimulus():
    x = np.random.default_rng(5).normal(size=(6, 50))
    x[4] = 2.0
    with pytest.raises(InputError, match="'fc1': the pattern of stimulus 4 is constant"):
        compute_rdm(reduce_activations([x]), "correlation", "node 'fc1'")
    x[4] = 0.0
    with pytest.raises(InputError, match="stimulus 4 is zero"):
        compute_rdm(reduce_activations([x]), "cosine")
    with pytest.raises(InputError, match="did you mean 'euclidean'"):
        compute_rdm(reduce_activations([x]), "euclidian")


def test_label_rdm():
    expected = rsatoolbox.rdm.calc_rdm(rsatoolbox.data.Dataset(np.eye(3)[[0, 0, 1, 2]]), method="euclidean")
    np.testing.assert_allclose(label_rdm([7, 7, 8, 9]), expected.dissimilarities[0], atol=1e-15)


def test_nodes_without_an_rdm_are_left_out_and_told():
    good = reduce_activations([np.random.default_rng(6).normal(size=(5, 30))])
    silent = reduce_activations([np.vstack([np.zeros(30), np.random.default_rng(7).normal(size=(4, 30))])])
    warnings = []
    nodes = {"a": good, "b": silent}

    def found_by(measure):
        return rdms_of_nodes(lambda node: compute_rdm(nodes[node], measure, f"node {node!r}"), nodes, warnings.append)

    found = found_by("cosine")
    assert list(found) == ["a"] and len(warnings) == 1
    assert warnings[0].startswith("left out: node 'b'") and "stimulus 0 is zero" in warnings[0]
    assert list(found_by("euclidean")) == ["a", "b"]


def test_a_damaged_node_is_an_error_and_not_left_out():
    def read(node):
        raise damaged("coordinates.zarr.zip", "Bad CRC-32")

    with pytest.raises(DamagedError, match=r"zip: damaged \(Bad CRC-32\)"):
        rdms_of_nodes(read, ["a", "b"], pytest.fail)
