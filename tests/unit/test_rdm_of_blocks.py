"""RDMs straight from blocks of features are those of coordinates and of SciPy, in however many passes."""

import numpy as np
import pytest
import rsatoolbox
from scipy.spatial.distance import pdist

from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.measures import rdm_of_blocks as module
from repgeom.measures.rdm import MEASURES, compute_rdm
from repgeom.measures.rdm_of_blocks import memory_for_products, rdm_of_blocks
from repgeom.store.activations import StimulusInfo
from repgeom.store.rdms import RDMs, read_rdms, write_rdms

N = 37
CASES = {
    "gaussian": lambda r: r.normal(size=(N, 300)),
    "float32": lambda r: r.normal(size=(N, 300)).astype(np.float32),
    "few features": lambda r: r.normal(size=(N, 5)),
    "rectified": lambda r: np.maximum(r.normal(size=(N, 300)), 0),
    "large mean": lambda r: 100 + r.normal(size=(N, 300)),
    "mean in any direction": lambda r: 1e4 * r.normal(size=300) + r.normal(size=(N, 300)),
    "duplicates": lambda r: np.repeat(r.normal(size=(N, 300))[:13], 3, axis=0)[:N],
    "lengths from 1 to 100": lambda r: r.normal(size=(N, 300)) * np.geomspace(1, 100, N)[:, None],
}


@pytest.fixture(autouse=True)
def small_panels(monkeypatch):
    monkeypatch.setattr(module, "PANEL_ROWS", 8)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 3)


class Counted:
    """Blocks that count how often they are read."""

    def __init__(self, x, blocks=3):
        self.blocks, self.read = np.array_split(x, min(blocks, x.shape[1]), axis=1), 0

    def __iter__(self):
        self.read += 1
        return iter(self.blocks)


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("case", CASES)
def test_equals_that_of_coordinates(case, measure):
    x = CASES[case](np.random.default_rng(0))
    expected = compute_rdm(reduce_activations([x]), measure)
    found = rdm_of_blocks(Counted(x), measure, dtype=np.float64)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-11 * expected.max())
    single = rdm_of_blocks(Counted(x), measure)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, found, rtol=6e-8)


@pytest.mark.parametrize("measure, name", [("correlation",) * 2, ("cosine",) * 2, ("euclidean", "sqeuclidean")])
def test_equals_scipy(measure, name):
    x = np.random.default_rng(1).normal(size=(N, 300)) + 3
    expected = pdist(x, name) / (300 if measure == "euclidean" else 1)
    np.testing.assert_allclose(rdm_of_blocks([x], measure, dtype=np.float64), expected, rtol=1e-10)


@pytest.mark.parametrize("memory, passes", [(1e9, 1), (8 * 700, 2), (8 * 300, 3), (1, 5)])
def test_passes_change_nothing(memory, passes):
    x = Counted(np.random.default_rng(2).normal(size=(N, 300)))
    expected = rdm_of_blocks(x.blocks, "correlation", dtype=np.float64)
    np.testing.assert_array_equal(rdm_of_blocks(x, "correlation", memory, np.float64), expected)
    assert x.read == passes + 1  # once to count the stimuli


def test_a_constant_pattern_has_no_correlation():
    x = np.random.default_rng(3).normal(size=(N, 300))
    x[5] = 7.0
    with pytest.raises(InputError, match="node 'fc': the pattern of stimulus 5 is constant"):
        rdm_of_blocks([x], "correlation", where="node 'fc'")
    assert np.isfinite(rdm_of_blocks([x], "cosine")).all()
    x[5] = 0
    with pytest.raises(InputError, match="stimulus 5 is zero"):
        rdm_of_blocks([x], "cosine")
    assert np.isfinite(rdm_of_blocks([x], "euclidean")).all()


def test_what_inner_products_are_not_precise_enough_for_is_refused():
    x = np.random.default_rng(4).normal(size=(N, 300)) * np.geomspace(1e-4, 1, N)[:, None]
    with pytest.raises(InputError, match="1000 times as long as the shortest"):
        rdm_of_blocks([x], "correlation")
    np.testing.assert_allclose(rdm_of_blocks([x], "euclidean", dtype=float), pdist(x) ** 2 / 300, rtol=1e-6)


@pytest.mark.parametrize("blocks", [[], [np.ones((1, 9))]])
def test_nothing_to_compare(blocks):
    with pytest.raises(InputError, match="at least two"):
        rdm_of_blocks(blocks, "euclidean")


def test_values_must_be_finite():
    x = np.ones((N, 9))
    x[3, 6] = np.nan
    with pytest.raises(InputError, match="fc: stimulus 3 has a value that is not finite"):
        rdm_of_blocks([x], "euclidean", where="fc")


def test_memory_that_does_not_suffice():
    left = memory_for_products(1e9, 10_000, 2, 64_000_000, "float32")
    assert 0.2e9 < left < 1e9 - 2 * 5e7 * 4
    with pytest.raises(InputError, match=r"take 7999 MB.*mem_mb.*float32"):
        memory_for_products(1e9, 10_000, 20, 64_000_000, "float64")


def test_files_keep_single_precision(tmp_path):
    found = {"fc": rdm_of_blocks([np.random.default_rng(5).normal(size=(N, 9))], "euclidean")}
    info = StimulusInfo(np.array([f"i{k}" for k in range(N)]), np.arange(N), {})
    rdms = RDMs.of_nodes(found, {"fc": {"module": "fc", "timestep": 0}}, info, "squared euclidean", {}, "float32")
    write_rdms(tmp_path / "r.h5", rdms)
    read = read_rdms(tmp_path / "r.h5")
    assert read.dissimilarities.dtype == np.float32
    np.testing.assert_array_equal(read["fc"], found["fc"])
    theirs = rsatoolbox.rdm.load_rdm(str(tmp_path / "r.h5"))
    np.testing.assert_array_equal(theirs.dissimilarities[0], found["fc"])
