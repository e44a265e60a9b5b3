import numpy as np
import pytest
from scipy.spatial.distance import pdist, squareform

from repgeom.errors import InputError
from repgeom.measures.path import distance_to, join_paths, matched_distance, path_length

CLASSES = np.repeat([0, 1, 2], 4)


def rdm(seed):
    return pdist(np.random.default_rng(seed).normal(size=(12, 5)), "sqeuclidean")


@pytest.fixture
def models():
    return {
        "standard": {"input": rdm(0), "conv1": rdm(1), "fc": rdm(2)},
        "adversarial": {"input": rdm(0) * (1 + 1e-9), "conv1": rdm(3), "fc": rdm(4)},
    }


def test_models_share_input_and_labels(models):
    paths = join_paths(models, CLASSES)
    assert paths.nodes == ("input", "conv1", "fc", "conv1", "fc", "labels")
    assert paths.models == ("", "standard", "standard", "adversarial", "adversarial", "")
    assert paths.names[:2] == ["input", "standard conv1"]
    assert {model: list(index) for model, index in paths.indices.items()} == {
        "standard": [0, 1, 2],
        "adversarial": [0, 3, 4],
    }
    np.testing.assert_array_equal(paths.rdms[4], models["adversarial"]["fc"])


def test_label_geometry_has_two_distances(models):
    paths = join_paths(models, CLASSES)
    same = squareform(paths.rdms[paths.labels]) == 0
    np.testing.assert_array_equal(same, CLASSES[:, None] == CLASSES)
    assert set(paths.rdms[paths.labels]) == {0, 2 / 3}


def test_numbers_of_a_path_drawn_in_the_plane():
    places = np.array([[0, 0], [3, 4], [3, 10], [6, 8], [0, 10.0]])
    d = squareform(pdist(places))
    assert path_length(d, [0, 1, 2]) == 11
    np.testing.assert_allclose(distance_to(d, [0, 1, 2], 4), [10, np.hypot(3, 6), 3])
    np.testing.assert_allclose(matched_distance(d, [0, 1], [0, 3]), [0, 5])


def test_numbers_of_many_draws_at_once():
    d = np.stack([squareform(rdm(seed)) for seed in range(5)])
    np.testing.assert_allclose(path_length(d, [0, 4, 2]), [path_length(one, [0, 4, 2]) for one in d])
    assert distance_to(d, [0, 1, 2], 3).shape == (5, 3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda m: m["adversarial"].update(input=rdm(7)), "'standard' and 'adversarial' saw different inputs"),
        (lambda m: m.update(other={"conv1": rdm(1)}), "model 'other' do not begin with 'input'"),
        (lambda m: m["standard"].update(fc=rdm(2)[:-1]), r"'fc' has shape \(65,\) where the labels have 66"),
        (lambda m: m.clear(), "no model"),
    ],
)
def test_bad_input_is_named(models, change, message):
    change(models)
    with pytest.raises(InputError, match=message):
        join_paths(models, CLASSES)


def test_paths_of_other_length_have_no_matched_nodes():
    with pytest.raises(InputError, match="2 and 3 nodes do not match"):
        matched_distance(np.zeros((4, 4)), [0, 1], [0, 1, 2])
