"""Paths of networks: one for each, from the shared input; numbers by seed; what is left out; maps and their figure."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

from repgeom.analyses.paths import (
    disparity_row,
    geometry,
    map_table,
    mean_rows,
    number_rows,
    path_map,
    path_of,
    without_each_stimulus,
)
from repgeom.config.networks import Network
from repgeom.errors import InputError
from repgeom.figures.geometry_path import ARROW, NAMED, Notes, geometry_path, path_looks
from repgeom.figures.palette import CYCLE
from repgeom.figures.stimulus_axis import StimulusAxis
from repgeom.measures.comparison import compare_rdms_as_dissimilarity
from repgeom.measures.rdm import label_rdm
from repgeom.store.rdms import RDMs

CLASSES = np.repeat([0, 1, 2], 4)
IMAGES = np.random.default_rng(0).normal(size=(12, 6))
NODES = ("input", "conv", "fc")
MODELS = {"a": {"label": "network a", "colour": "#111111"}, "b": {"label": "network b", "colour": "#222222"}}


def rdms_of(seed, nodes=NODES, silent=(), path="some.h5"):
    """RDMs of a network whose nodes after the input mix images and noise of its own; `silent` ones are zero."""
    rng = np.random.default_rng(seed)
    values = [pdist(IMAGES if i == 0 else IMAGES + i * rng.normal(size=IMAGES.shape)) ** 2 for i in range(len(nodes))]
    values = [0 * v if node in silent else v for node, v in zip(nodes, values, strict=True)]
    modules = [node.partition("_t")[0] for node in nodes]
    ids = np.array([f"image-{i}" for i in range(12)])
    return RDMs(np.array(values), "squared euclidean", list(nodes), modules, np.zeros(len(nodes), int), ids, CLASSES,
                path=path)  # fmt: skip


def networks(*models_and_seeds, nodes=None):
    return [Network(m, s, "last", "clean", "clean", nodes=nodes)._asdict() for m, s in models_and_seeds]


TWO_BY_TWO = networks(("a", 1), ("a", 2), ("b", 7), ("b", 8))
FILES = {(n["model"], n["seed"]): rdms_of(10 * n["seed"]) for n in TWO_BY_TWO}


@pytest.fixture(scope="module")
def g():
    return geometry(TWO_BY_TWO, list(FILES.values()), "cosine")


@pytest.fixture(scope="module")
def numbers(g):
    table = pd.DataFrame(number_rows(g, without_each_stimulus(g, "cosine")))
    return table.set_index(["quantity", "model", "seed", "node"])


def distance(first, second):
    return compare_rdms_as_dissimilarity(np.stack([first, second]))[0, 1]


def test_every_network_is_a_path(g):
    assert list(g.networks) == ["a_seed1", "a_seed2", "b_seed7", "b_seed8"]
    assert g.paths.nodes == ("input", *4 * ("conv", "fc"), "labels")
    assert all(index[0] == 0 and len(index) == 3 for index in g.paths.indices.values())


def test_models_are_compared_seed_by_seed(numbers):
    labels = label_rdm(CLASSES)
    assert len(numbers.loc["distance between models"]) == 2 * 3
    for seed, other in ((1, 7), (2, 8)):
        a, b = FILES["a", seed], FILES["b", other]
        found = numbers.loc[("distance between models", "a and b", seed, "fc"), "value"]
        assert found == pytest.approx(distance(a["fc"], b["fc"]))
        found = numbers.loc[("first minus other at the last node", "a and b", seed, ""), "value"]
        assert found == pytest.approx(distance(a["fc"], labels) - distance(b["fc"], labels))


def test_means_over_seeds_are_those_of_the_seeds_with_intervals_over_images(g, numbers):
    replicates = without_each_stimulus(g, "cosine")
    means = {(row["quantity"], row["model"]): row for row in mean_rows([(g, replicates)])}
    assert set(means) == {
        ("input minus last node", "a"),
        ("input minus last node", "b"),
        ("first minus other at the last node", "a and b"),
    }
    row = means["first minus other at the last node", "a and b"]
    of_seeds = numbers.loc["first minus other at the last node"]
    assert row["value"] == pytest.approx(of_seeds["value"].mean()) and np.isnan(row["seed"])
    assert row["interval"] == "95 % jackknife t over images within classes (these 2 seeds)"


def test_a_mean_of_one_network_shown_twice_has_its_own_interval():
    g = geometry(networks(("a", 1)), [rdms_of(1)], "cosine")
    replicates = without_each_stimulus(g, "cosine")
    (own,) = [row for row in number_rows(g, replicates) if row["quantity"] == "input minus last node"]
    (mean,) = mean_rows(2 * [(g, replicates)])
    assert not list(mean_rows([(g, replicates)]))
    assert [mean[end] for end in ("value", "low", "high")] == pytest.approx([own["value"], own["low"], own["high"]])


def test_models_with_other_nodes_have_no_distance_node_by_node():
    files = [rdms_of(1), rdms_of(2, ("input", "fc"))]
    g = geometry(networks(("a", 1), ("b", 1)), files, "cosine")
    quantities = [row["quantity"] for row in number_rows(g, without_each_stimulus(g, "cosine"))]
    assert "distance between models" not in quantities and "first minus other at the last node" in quantities


def test_nodes_where_all_stimuli_are_alike_are_left_out_and_named():
    g = geometry(networks(("a", 1)), [rdms_of(1, silent=["conv"])], "cosine")
    assert g.left_out == {"a": ["conv"]} and g.paths.nodes == ("input", "fc", "labels")
    figure = drawn(g)
    assert "left out, where all stimuli are alike: a: conv" in figure.subfigs[2].get_supxlabel()
    with pytest.raises(InputError, match=r"some.h5: all stimuli are alike at 'input'"):
        path_of(rdms_of(1, silent=["input"]), None, "cosine")


def test_other_comparisons_leave_out_what_is_constant():
    rdms = rdms_of(1)
    rdms.dissimilarities[1] = 2.0
    assert path_of(rdms, None, "cosine")[1] == [] and path_of(rdms, None, "corr")[1] == ["conv"]


def test_networks_that_scale_their_input_share_it_and_others_do_not():
    scaled = rdms_of(2)
    scaled.dissimilarities[0] *= 10.5
    both = networks(("a", 1), ("b", 1))
    assert geometry(both, [rdms_of(1), scaled], "cosine").paths.nodes.count("input") == 1
    scaled.dissimilarities[0][3] *= 1.1
    with pytest.raises(InputError, match="'a' and 'b' saw different inputs"):
        geometry(both, [rdms_of(1), scaled], "cosine")


def test_a_map_has_the_labels_to_the_right_of_the_input(g):
    points, stress = path_map(g)
    np.testing.assert_allclose(points[0], 0, atol=1e-12)
    assert points[-1, 0] > 0 and points[-1, 1] == pytest.approx(0, abs=1e-12) and points[:, 1].mean() >= 0
    table = map_table(g, points, stress)
    assert table["model"].tolist() == ["", *4 * ["a"], *4 * ["b"], ""] and table["seed"].tolist()[1:6] == [
        1,
        1,
        2,
        2,
        7,
    ]
    assert table["distance to b_seed7 fc"][2] == g.dissimilarity[2, 6] and table["node"][2] == table["node"][6] == "fc"


def test_disparity_is_between_maps_of_the_same_nodes(g):
    points, _ = path_map(g)
    row = disparity_row(g, points @ np.array([[0, 2], [-2, 0]]) + 1, g)  # turned, scaled and shifted
    assert row["quantity"] == "Procrustes disparity" and row["value"] == pytest.approx(0, abs=1e-12)
    other = geometry(networks(("a", 1)), [rdms_of(10)], "cosine")
    with pytest.raises(InputError, match="disparity_with: the two analyses have different nodes"):
        disparity_row(g, points, other)


def drawn(g):
    points, stress = path_map(g)
    looks = path_looks(g.networks, MODELS)
    stimuli = StimulusAxis(g.classes, [f"class {label}" for label in g.classes], IMAGES.reshape(12, 2, 3))
    return geometry_path(g.dissimilarity, points, stress, g.paths, looks, stimuli, Notes(None, "cosine", g.left_out))


def test_a_figure_draws_every_path_but_the_matrix_of_first_ones_only(g):
    left, right = drawn(g).axes[:2]
    paths = [line for line in right.lines if len(line.get_xdata()) > 1]
    points = path_map(g)[0]
    for line, index in zip(paths, g.paths.indices.values(), strict=True):
        np.testing.assert_array_equal(line.get_xydata(), points[index])
    assert [line.get_color() for line in paths] == ["#111111", "#111111", "#222222", "#222222"]
    bold, thin, *_ = paths
    assert bold.get_linewidth() > thin.get_linewidth() and bold.get_marker() != paths[2].get_marker()
    (legend,) = left.figure.legends
    assert [t.get_text() for t in legend.get_texts()] == ["network a", "network b"]
    ticks = left.get_xticklabels()
    assert [t.get_text() for t in ticks] == ["input", "conv", "fc", "conv", "fc", "labels"]
    assert [t.get_color() for t in ticks][1:5] == ["#111111", "#111111", "#222222", "#222222"]
    chosen = [0, 1, 2, 5, 6, 9]
    np.testing.assert_array_equal(left.images[0].get_array(), g.dissimilarity[np.ix_(chosen, chosen)])


def test_a_map_names_nodes_and_says_which_way_paths_go(g):
    _, right, *others = drawn(g).axes
    letter, *names = [text.get_text() for text in right.texts if text.get_text()]
    assert letter == "b" and names[:2] == ["input", "labels"] and set(names) <= {"input", "labels", "conv", "fc"}
    arrows = [text for text in right.texts if not text.get_text()]
    bold = [path_map(g)[0][g.paths.indices[name]] for name in ("a_seed1", "b_seed7")]
    steps = [np.linalg.norm(np.diff(points, axis=0), axis=1) for points in bold]
    assert 0 < len(arrows) <= sum(map(len, steps)) and ARROW < 1
    shown = [axes.get_title() for axes in others if axes.images]
    assert shown == ["input", "conv", "fc", "labels", "conv", "fc"]


def test_rdms_along_a_path_are_drawn_class_by_class():
    order = np.random.default_rng(0).permutation(12)
    rdms = rdms_of(1)
    mixed = RDMs(np.array([squareform(squareform(d)[np.ix_(order, order)]) for d in rdms.dissimilarities]),
                 rdms.measure, rdms.nodes, rdms.modules, rdms.timesteps, rdms.ids[order], CLASSES[order], path="m.h5")  # fmt: skip
    labels = next(
        axes for axes in drawn(geometry(networks(("a", 1)), [mixed], "cosine")).axes if axes.get_title() == "labels"
    )
    matrix = labels.images[0].get_array()
    assert (matrix[:4, :4] < 1).all() and (matrix[:4, 4:] == 1).all()


def test_networks_that_share_a_colour_are_told_apart():
    """Forty networks of a project whose models have no colours of their own."""
    models = {f"m{i}": {"label": f"network {i}", "colour": "#7F7F7F"} for i in range(40)}
    looks = path_looks({name: {"model": name} for name in models}, models)
    assert {look.colour for look in looks.values()} == set(CYCLE)
    assert len({(look.colour, look.marker, look.style) for look in looks.values()}) == 40


def test_a_matrix_of_nodes_too_many_to_name_names_paths():
    nodes = ("input", *(f"conv{i}" for i in range(NAMED // 2)))
    g = geometry(networks(("a", 1), ("b", 1)), [rdms_of(1, nodes), rdms_of(2, nodes)], "cosine")
    ticks = drawn(g).axes[0].get_xticklabels()
    assert [t.get_text() for t in ticks] == ["input", "network a", "network b", "labels"]
    assert [t.get_color() for t in ticks][1:3] == ["#111111", "#222222"]
