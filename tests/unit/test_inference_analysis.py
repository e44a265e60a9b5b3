"""Networks against measured RDMs, from files to tables and figure."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

from repgeom.analyses.inference import (
    BEST,
    INFERENCE_COLUMNS,
    SUBJECT_COLUMNS,
    WEIGHTED,
    groups,
    inference_table,
    similarities,
    subject_rows,
)
from repgeom.analyses.naming import line_looks
from repgeom.errors import InputError
from repgeom.figures.inference import inference_figure
from repgeom.measures.inference.similarity import measured_similarity
from repgeom.store.hdf5 import Arrays
from repgeom.store.measured_rdms import MeasuredRDMs
from repgeom.store.rdms import RDMs

N = 16
IDS = np.array([f"i{i}" for i in range(N)])
RNG = np.random.default_rng(0)
PATTERNS = RNG.normal(size=(4, N, 6))
OPTIONS = {"nodes": None, "comparison": "corr", "samples": 100, "seed": 0, "weighted": False, "best": False}


def network_rdms(places, nodes=("conv", "fc"), ids=IDS):
    stack = np.array([pdist(PATTERNS[i]) ** 2 for i in places])
    return RDMs(stack, "euclidean", list(nodes), list(nodes), np.zeros(len(nodes)), ids, np.zeros(len(ids)), path="net")


def subjects(like=1, n=6, noise=0.5, order=None, without=()):
    """Subjects who are like one of the patterns; their stimuli in another order, some missing."""
    order = np.random.default_rng(1).permutation(N) if order is None else order
    order = np.array([i for i in order if i not in without])
    rdms = [pdist(PATTERNS[like][order] + noise * RNG.normal(size=(len(order), 6))) ** 2 for _ in range(n)]
    return MeasuredRDMs(np.array(rdms), [f"s{i}" for i in range(n)], IDS[order], path="it.h5")


def network(model, seed=1, stimuli="test"):
    return {"model": model, "seed": seed, "epoch": "last", "set": stimuli, "stimuli": stimuli, "repetition": 1}


def files(data, *rdms, **options):
    found = [similarities(one, data, OPTIONS | options, lambda _: None) for one in rdms]
    return [Arrays(*arrays_and_attributes, path=str(i)) for i, arrays_and_attributes in enumerate(found)]


def table_of(networks, found, correction="holm"):
    return inference_table(groups(networks, found), correction)


def test_the_node_that_subjects_are_like_is_found_whatever_their_order():
    networks = [network("a"), network("b")]
    found = files(subjects(), network_rdms([0, 1]), network_rdms([0, 2]))
    table = table_of(networks, found)
    assert list(table.columns) == list(INFERENCE_COLUMNS)
    similar = table[table["quantity"] == "similarity"].set_index(["model", "node"])
    best = similar.loc["a", "fc"]
    assert best["value"] == similar["value"].max() and best["p_corrected"] < 0.001
    assert best["p_ceiling_corrected"] > 0.05 and best["lower_ceiling"] - 0.1 < best["value"] < best["upper_ceiling"]
    assert best["interval"] == "95 % t, bootstrap over subjects and stimuli"
    assert (similar.drop(("a", "fc"))["p_ceiling_corrected"] < 0.05).all()
    differs = table[table["quantity"] == "difference"].set_index("node")
    assert set(differs["model"]) == {"a and b"}
    assert differs.loc["fc", "p_corrected"] < 0.01 and differs.loc["conv", "value"] == 0 == 1 - differs.loc["conv", "p"]


def test_stimuli_that_the_data_lack_are_counted_and_left_out():
    said = []
    arrays, attributes = similarities(network_rdms([0, 1]), subjects(without=(3, 5)), OPTIONS, said.append)
    assert attributes["missing"] == 2 and list(arrays["ids"]) == [i for i in IDS if i not in ("i3", "i5")]
    assert said == ["it.h5: 14 stimuli in common; the data lack 2 (i3, i5)"]


def test_values_are_means_over_subjects_and_seeds():
    data = subjects(order=np.arange(N))
    networks = [network("a", 1), network("a", 2)]
    found = files(data, network_rdms([0, 1]), network_rdms([2, 3]))
    table = table_of(networks, found)
    expected = [
        measured_similarity(np.array([pdist(PATTERNS[i]) ** 2 for i in pair]), data.dissimilarities, "corr").mean()
        for pair in ((0, 2), (1, 3))
    ]
    np.testing.assert_allclose(table["value"], expected)
    assert table["seeds"].tolist() == [2, 2]
    each = pd.DataFrame(subject_rows(networks, found))
    assert list(each.columns) == list(SUBJECT_COLUMNS) and len(each) == 2 * 2 * 6
    np.testing.assert_allclose(each.groupby("node", sort=False)["value"].mean(), expected)


def test_one_subject_has_no_ceiling_and_says_over_what_intervals_are():
    table = table_of([network("a")], files(subjects(n=1), network_rdms([0, 1])))
    assert table["lower_ceiling"].isna().all() and table["p_ceiling"].isna().all()
    assert set(table["interval"]) == {"95 % t, bootstrap over stimuli (one subject)"}


def test_networks_without_a_node_in_common_are_compared_at_their_best():
    found = files(subjects(), network_rdms([0, 1]), network_rdms([2, 3], ("early", "late")))
    differs = table_of([network("a"), network("b")], found).query("quantity == 'difference'")
    assert len(differs) == 1 and differs["node"].iloc[0].startswith("fc and ")
    assert differs["node"].iloc[0].endswith("the most similar of each")


def test_networks_that_saw_different_stimuli_are_not_tested_against_each_other():
    few = IDS[:12]
    square = squareform(pdist(PATTERNS[1]))[:12, :12]
    other = RDMs(squareform(square)[None], "euclidean", ["fc"], ["fc"], np.zeros(1), few, np.zeros(12))
    found = files(subjects(), network_rdms([0, 1]), other)
    table = table_of([network("a"), network("b", stimuli="few")], found)
    assert set(table["quantity"]) == {"similarity"} and set(table["n_stimuli"]) == {12, 16}


def test_a_weighted_sum_stands_after_the_nodes():
    data = subjects()
    mixed = pdist(PATTERNS[0]) ** 2 + pdist(PATTERNS[1]) ** 2
    order = [int(name[1:]) for name in data.ids]
    mixed = squareform(squareform(mixed)[np.ix_(order, order)])
    data = MeasuredRDMs(mixed + 8 * RNG.normal(size=data.dissimilarities.shape), data.subjects, data.ids, path="it.h5")
    table = table_of([network("a")], files(data, network_rdms([0, 1]), weighted=True))
    assert table["node"].tolist() == ["conv", "fc", WEIGHTED]
    assert table["value"].idxmax() == 2 and np.isfinite(table["standard_error"]).all()


def test_best_nodes_are_chosen_in_folds_and_compared():
    found = files(subjects(), network_rdms([0, 1]), network_rdms([2, 3]), best=True)
    table = table_of([network("a"), network("b")], found)
    similar = table[table["quantity"] == "similarity"].set_index(["model", "node"])
    assert similar.loc["a", "chosen"].fillna(-1).tolist() == [0, 1, -1]
    assert similar.loc[("a", BEST), "value"] == pytest.approx(similar.loc[("a", "fc"), "value"])
    differs = table[table["quantity"] == "difference"].set_index("node")
    assert differs.loc[BEST, "p_corrected"] < 0.01


def test_degrees_of_freedom_may_be_the_smallest():
    found = groups([network("a")], files(subjects(), network_rdms([0, 1])))
    usual, smallest = inference_table(found), inference_table(found, degrees="smallest")
    assert set(smallest["degrees"]) == {5} and (usual["degrees"] > 5).all()
    assert (usual["high"] < smallest["high"]).all() and (usual["p"] <= smallest["p"]).all()


@pytest.mark.parametrize("n_networks", [1, 2, 3])
def test_the_figure_is_drawn(n_networks):
    networks = [network(name) for name in "abc"[:n_networks]]
    found = files(subjects(), *[network_rdms([0, i + 1]) for i in range(n_networks)])
    table = table_of(networks, found)
    names = {"models": {m: {"label": m, "colour": c} for m, c in zip("abc", ("#0072B2", "#D55E00", "#009E73"), strict=True)}}  # fmt: skip
    lines, looks = line_looks(table, names | {"stimuli": {"test": "test"}})
    figure = inference_figure(table.assign(line=lines), looks, "similarity", ["fc"])
    assert len(figure.axes) == 1
    (legend,) = figure.legends
    marks = ["dot: above chance", "triangle: at ceiling", "networks differ"]
    known = {"noise ceiling", *"abc"[:n_networks], *marks[: 2 + (n_networks > 1)]}
    assert {text.get_text() for text in legend.get_texts()} == known


def test_what_does_not_compare_is_named():
    flat = network_rdms([0, 1])
    flat.dissimilarities[1] = 1
    with pytest.raises(InputError, match="the RDM of node 'fc' is constant, or empty, at the stimuli in common"):
        similarities(flat, subjects(), OPTIONS, print)
    data = subjects()
    data.dissimilarities[2] = np.nan
    with pytest.raises(InputError, match=r"the RDM of subject 's2' in it\.h5 is constant, or empty"):
        similarities(network_rdms([0, 1]), data, OPTIONS, print)
    strangers = MeasuredRDMs(data.dissimilarities, data.subjects, np.array([f"x{i}" for i in range(N)]), path="it.h5")
    with pytest.raises(InputError, match=r"net and it\.h5: 0 stimuli in common, at least 5 are needed"):
        similarities(network_rdms([0, 1]), strangers, OPTIONS, print)
    found = files(subjects(), network_rdms([0, 1]), network_rdms([0, 1], ("early", "late")))
    with pytest.raises(InputError, match="seeds of a model differ in their stimuli or nodes"):
        groups([network("a", 1), network("a", 2)], found)
