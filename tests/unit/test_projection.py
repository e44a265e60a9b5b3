"""Random projections: exact along ones, unbiased, within their stated bounds, and independent of blocks."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist

from repgeom.coordinates.projection import Projection, error_bounds, projection_for, stated
from repgeom.coordinates.reduction import NotFiniteError, reduce_activations
from repgeom.measures.capacity.participation_ratio import participation_ratio
from repgeom.measures.rdm import compute_rdm
from repgeom.store.activations import StimulusInfo
from repgeom.store.coordinates import coordinate_writer, open_coordinates
from repgeom.store.inspection import inspect
from repgeom.store.projected import projection_of, with_bounds
from repgeom.store.provenance import Provenance
from repgeom.store.rdms import RDMs, read_rdms, write_rdms
from repgeom.store.tables import write_table

N, D, K = 40, 3000, 30


def activations(seed=0, mean=5.0):
    rng = np.random.default_rng(seed)
    return (mean + rng.normal(size=(N, 6)) @ rng.normal(size=(6, D)) + rng.normal(size=(N, D))).astype(np.float32)


def project(x, dimensions=K, seed=0, width=700):
    blocks = [x[:, start : start + width] for start in range(0, x.shape[1], width)]
    return reduce_activations(blocks, frame=Projection(dimensions, seed).frame("x"))


def test_a_projection_is_its_definition():
    x = activations().astype(float)
    found = project(x)
    weights = Projection(K).weights(0, D) / math.sqrt(K)
    across = x - x.mean(axis=1, keepdims=True)
    np.testing.assert_allclose(found.feature_centred[:, 1:], across @ weights, rtol=0, atol=1e-9)
    np.testing.assert_allclose(found.feature_centred[:, 0], 0, atol=1e-9)
    np.testing.assert_allclose(found.uncentred @ found.ones, x.sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(found.centred.mean(axis=0), 0, atol=1e-12)
    assert found.n_features == D and found.centred.shape == (N, K + 1)
    np.testing.assert_allclose(found.ones @ found.ones, D, rtol=1e-14)


@pytest.mark.parametrize("width", [1, 127, 128, 999])
def test_blocks_do_not_matter(width):
    x = activations()[:, :1000]
    expected, found = project(x, width=1000), project(x, width=width)
    np.testing.assert_allclose(found.uncentred, expected.uncentred, rtol=0, atol=1e-12 * np.abs(x).max() * D)


def test_few_features_are_kept_exactly():
    x = activations()[:, :K].astype(float)
    np.testing.assert_allclose(project(x, width=7).uncentred, x, rtol=1e-12)


def test_a_mean_far_larger_than_the_spread_costs_the_spread_nothing():
    x = activations(mean=0.0).astype(float)
    shifted = project(x * 1e-3 + 1e4)
    scale = np.abs(project(x).centred).max()
    np.testing.assert_allclose(shifted.centred / 1e-3, project(x).centred, atol=1e-5 * scale)


def test_inner_products_are_right_on_average():
    x = activations().astype(float)
    expected = (x - x.mean(axis=0)) @ (x - x.mean(axis=0)).T
    found = np.mean([c.centred @ c.centred.T for c in (project(x, seed=seed) for seed in range(200))], axis=0)
    lengths = np.sqrt(np.diag(expected))
    error = np.abs(found - expected) / np.outer(lengths, lengths)
    assert error.max() < 5 * math.sqrt(2) * error_bounds(N, K)["typical"] / math.sqrt(200)


def test_the_participation_ratio_is_too_low_by_what_the_page_says():
    x = activations().astype(float)
    expected = 1 / participation_ratio(x) + 1 / K
    found = np.mean([1 / participation_ratio(project(x, seed=seed).centred) for seed in range(50)])
    assert found == pytest.approx(expected, rel=0.05)


def worst_errors(x, dimensions, seed):
    found = project(x, dimensions, seed)
    distances = pdist(found.uncentred, "sqeuclidean") / pdist(x, "sqeuclidean") - 1
    z = np.arctanh(1 - compute_rdm(found, "correlation")) - np.arctanh(1 - pdist(x, "correlation"))
    return np.abs(distances).max(), np.abs(z).max()


@pytest.mark.parametrize("mean", [0.0, 5.0])
def test_bounds_hold_as_often_as_they_say_and_not_with_fewer_dimensions(mean):
    x, runs = activations(mean=mean).astype(float)[:, :400], 200
    bounds = error_bounds(N, K, confidence=0.9)
    stated = np.array([bounds["squared_distance"], bounds["fisher_z"]])
    broken = np.mean([worst_errors(x, K, seed) > stated for seed in range(runs)], axis=0)
    assert (broken <= 0.1 + 2 * math.sqrt(0.09 / runs)).all()
    with_fewer = np.mean([worst_errors(x, K // 3, seed) > stated for seed in range(runs)], axis=0)
    assert (with_fewer > 0.5).all()


def test_bounds_shrink_with_the_root_of_the_dimensions_and_grow_slowly_with_stimuli():
    few, many = error_bounds(1000, 1000), error_bounds(1000, 4000)
    assert few["fisher_z"] / many["fisher_z"] == pytest.approx(2, rel=0.05)
    assert 1 < error_bounds(10_000, 1000)["fisher_z"] / few["fisher_z"] < 1.2


def test_a_value_that_is_not_finite_is_told():
    x = activations()
    x[3, 100] = np.nan
    with pytest.raises(NotFiniteError, match="stimulus 3"):
        project(x)


def test_a_projection_is_used_where_it_shortens():
    asked = {"dimensions": 30, "seed": 2}
    assert projection_for(31, asked) == Projection(30, 2)
    assert projection_for(30, asked) is None and projection_for(31, None) is None


@pytest.mark.parametrize("asked", [True, False])
def test_what_is_made_of_projected_coordinates_says_how_far_off_it_may_be(tmp_path, asked):
    x = np.random.default_rng(0).normal(size=(40, 60))
    stimuli = StimulusInfo(np.arange(40).astype(str), np.zeros(40, int), {})
    nodes = {"node": {"module": "node", "timestep": 0, "inputs": [], "shape": [60]}}
    projection = Projection(20) if asked else None
    coordinates = reduce_activations([x], frame=projection and projection.frame("node"))
    with coordinate_writer(tmp_path / "c.zarr.zip", stimuli, nodes, {"projection": stated(projection, 40)}) as writer:
        writer.add("node", coordinates)
    job = Provenance("rdms", config={"projection": {"dimensions": 20, "seed": 0}})
    with open_coordinates(tmp_path / "c.zarr.zip") as file:
        rdms = RDMs.of_nodes({"node": compute_rdm(file.read("node"), "euclidean")}, nodes, stimuli, "euclidean", {})
        write_rdms(tmp_path / "r.h5", rdms, file.told(job))
        assert file.told(Provenance("rdms", config={"measure": "x"})).config == {"measure": "x"}
    read = read_rdms(tmp_path / "r.h5").provenance
    write_table(tmp_path / "t.csv", pd.DataFrame({"node": ["a"]}), provenance=with_bounds(job, projection_of(read)))
    write_table(tmp_path / "figure.csv", pd.DataFrame({"node": ["a"]}), provenance=job)
    for name in ("c.zarr.zip", "r.h5", "t.csv"):
        told = "\n".join(inspect(tmp_path / name)[0])
        assert ("features projected to 20 dimensions: with probability 0.99, all squared" in told) == asked
    assert "typically off by 0.22 of their lengths" in "\n".join(inspect(tmp_path / "figure.csv")[0])
    metadata = json.loads((tmp_path / "t.csv-metadata.json").read_text())
    assert metadata["provenance"]["config"]["projection"] == (stated(projection, 40) if asked else {})
