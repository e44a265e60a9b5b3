"""Embeddings and spectra of nodes: what the tables hold is what the figures show."""

import numpy as np
import pandas as pd
import pytest

from repgeom.analyses.embeddings import EMBEDDING_COLUMNS, TEXT, embed_nodes, embedded, embedding_table
from repgeom.analyses.networks import join_networks, of_network
from repgeom.analyses.spectrum import SPECTRUM_COLUMNS, spectrum, spectrum_rows
from repgeom.config.networks import Network
from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.figures.embeddings import embedding_grid
from repgeom.figures.spectrum import spectrum_figure
from repgeom.measures.embedding import pca
from repgeom.store.tables import write_table

N = 20
LABELS = np.repeat([0, 13], N // 2)
NAMES = np.repeat(["cat", "dog"], N // 2)
IDS = np.array([f"{i:03d}" for i in range(N)])
NETWORK = Network("net", 1, "last", "clean", "clean")._asdict()


@pytest.fixture(scope="module")
def activations():
    rng = np.random.default_rng(0)
    return {"0": rng.normal(size=(N, 30)) + 4, "10": rng.normal(size=(N, 5))}


@pytest.fixture(scope="module")
def found(activations):
    return embed_nodes({node: reduce_activations([x]).centred for node, x in activations.items()}, 5)


def test_names_that_look_like_numbers_survive_the_table(found, activations, tmp_path):
    """Nodes of a torch.nn.Sequential are called 0, 1 …, and files 001.png."""
    grid, notes = found
    table = of_network(embedding_table(grid, notes, IDS, LABELS), NETWORK)
    write_table(tmp_path / "table.csv", table, EMBEDDING_COLUMNS)
    joined = join_networks([NETWORK], [tmp_path / "table.csv"], text=TEXT)
    assert joined["id"][:2].tolist() == ["000", "001"] and set(joined["node"]) == set(activations)
    again, notes_again, labels = embedded(joined)
    assert notes_again == notes and list(labels) == list(LABELS)
    assert list(again) == ["PCA", "MDS", "t-SNE (perplexity 5)"]
    for method, nodes in grid.items():
        for node, points in nodes.items():
            np.testing.assert_allclose(again[method][node], points, rtol=1e-9)


def test_notes_tell_how_much_is_shown(found, activations):
    grid, notes = found
    share = 100 * pca(activations["10"]).explained_variance_ratio.sum()
    assert notes["PCA"]["10"] == f"{share:.0f} % of the variance" and notes["MDS"]["0"].startswith("stress 0.")
    np.testing.assert_allclose(grid["PCA"]["0"], pca(activations["0"]).scores, atol=1e-9)


def test_a_figure_has_a_row_per_node_and_every_stimulus_as_its_class(found):
    grid, notes = found
    figure = embedding_grid(grid, LABELS, NAMES, notes)
    axes = figure.axes
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["cat", "dog"]
    assert {text.get_text() for text in axes[1].texts} == {"cat", "dog"}
    assert len(axes) == 3 * 2 and [a.get_ylabel() for a in axes[::3]] == ["0", "10"]
    assert [a.get_title() for a in axes[:3]] == list(grid)
    assert [len(c.get_offsets()) for c in axes[0].collections] == [N // 2, N // 2]
    np.testing.assert_array_equal(axes[4].collections[1].get_offsets(), grid["MDS"]["10"][LABELS == 13])


def test_a_node_at_which_all_stimuli_are_alike_is_named():
    with pytest.raises(InputError, match="node 'dead': PCA of points that are all the same"):
        embed_nodes({"dead": np.zeros((N, 3))}, 5)
    with pytest.raises(InputError, match="node 'dead': PCA of points that are all the same"):
        spectrum("dead", reduce_activations([np.ones((N, 3))]))


def test_a_spectrum_is_that_of_the_activations_and_its_map_their_pca(activations):
    for node, x in activations.items():
        values, scores = spectrum(node, reduce_activations([x]))
        expected = np.linalg.svd(x, compute_uv=False)
        np.testing.assert_allclose(values[: len(expected)], expected, atol=1e-9)
        np.testing.assert_allclose(values[len(expected) :], 0, atol=1e-9)
        np.testing.assert_allclose(scores, pca(x).scores, atol=1e-9)


def test_a_spectrum_has_a_row_of_panels_and_of_the_table_for_every_node(activations):
    spectra = {node: spectrum(node, reduce_activations([x])) for node, x in activations.items()}
    table = pd.DataFrame(spectrum_rows(spectra, IDS, LABELS))
    assert set(table) <= set(SPECTRUM_COLUMNS)
    for node, (values, scores) in spectra.items():
        part = table[table["node"] == node].set_index("part")
        np.testing.assert_array_equal(part.loc["singular values", "value"], values)
        np.testing.assert_array_equal(part.loc["PCA", ["x", "y"]], scores)
        assert part.loc["singular values", "index"].tolist() == list(range(1, len(values) + 1))
    axes = spectrum_figure(spectra, LABELS, NAMES).axes
    assert len(axes) == 4 and axes[3].get_xlabel() == "PC 1 of 10"
    np.testing.assert_array_equal(axes[2].lines[0].get_ydata(), spectra["10"].values)
