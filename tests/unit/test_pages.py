"""What pages are made of: packed RDMs, captions, escaped labels, bytes that stay the same, sizes."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.spatial.distance import pdist

from repgeom.figures.style import new_figure, save_figure
from repgeom.pages.captions import caption_html
from repgeom.pages.generalisation import ratings_by_class
from repgeom.pages.index import figure_card, index_page, merged_versions
from repgeom.pages.matrix import packed, unpacked
from repgeom.pages.page import any_pictures, image_sheet, page, save_page
from repgeom.pages.paths import thinned_order
from repgeom.pages.rdms import Node, ShownNetwork, rdms_page, thinned
from repgeom.pages.rsm import halfway
from repgeom.store.provenance import Provenance

NASTY = '</script><b>"it\'s" & more</b>'


@pytest.mark.parametrize("scale", [1e-6, 0.1, 1, 1.99, 20, 3e7])
def test_packed_rdms_are_right_to_rounding(scale):
    """At least two hundred steps from zero to the largest, and no more than 16 bits hold."""
    rdm = scale * np.random.default_rng(0).random(435)
    matrix = packed(rdm)
    step = 10.0 ** -matrix["digits"]
    assert 200 <= rdm.max() / step < 2001
    np.testing.assert_allclose(unpacked(matrix), rdm, atol=step * 0.5001)


def test_an_rdm_of_zeros_is_packed():
    np.testing.assert_array_equal(unpacked(packed(np.zeros(6))), np.zeros(6))


def stimuli(n, nodes=3, size=28):
    rng = np.random.default_rng(n)
    rdms = [Node(f"layer{i}", "", pdist(rng.normal(size=(n, 20)), "correlation")) for i in range(nodes)]
    images = np.zeros((n, size, size)) + rng.random((n, 1, 1))
    return ShownNetwork("one", rdms, [f"id{i}" for i in range(n)], [f"{i % 10}" for i in range(n)], images)


def data_of(text):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*)</script>', text)[1])


def test_a_page_of_500_stimuli_at_sixteen_nodes_is_small_and_shows_them_all():
    """Numbers in few steps where there are many, and stimuli left out where that is not enough: images that are noise."""
    network = stimuli(500, nodes=16)
    noise = np.random.default_rng(0).random((500, 36, 36))
    for images, all_shown in ((network.images, True), (noise, False)):
        text = rdms_page([replace(network, images=images)], "distance")
        data = data_of(text)
        assert len(text.encode()) < 3_000_000 and len(data["networks"][0]["nodes"]) == 16
        assert "rounded to 255 steps" in text
        shown = len(data["stimuli"][0]["ids"])
        assert shown == 500 if all_shown else 440 < shown < 500 and f"it shows {shown} of 500 stimuli" in text
    assert "So that" not in rdms_page([stimuli(200)], "distance")


def test_rdms_that_are_the_same_are_held_once():
    network = stimuli(20, nodes=12)
    again = [*network.nodes[:10], *network.nodes[:2]]
    for nodes, held in ((network.nodes, 12), (again, 10)):
        data = data_of(rdms_page([replace(network, nodes=nodes)], "distance"))
        assert len(data["rdms"]) == held and len(data["networks"][0]["nodes"]) == 12
    assert [node["rdm"] for node in data["networks"][0]["nodes"]] == [*range(10), 0, 1]


def test_coarse_rdms_are_right_to_half_a_step():
    for scale in (1e-6, 1.99, 3e7):
        rdm = scale * np.random.default_rng(0).random(435)
        matrix = packed(rdm, coarse=True)
        assert 10.0 ** -matrix["digits"] <= matrix["unit"] == pytest.approx(rdm.max() / 255)
        np.testing.assert_allclose(unpacked(matrix), rdm, atol=matrix["unit"] * 0.5001)
    np.testing.assert_array_equal(unpacked(packed(np.zeros(6), coarse=True)), np.zeros(6))


def test_more_stimuli_than_there_is_room_for_are_thinned_and_said_to_be():
    text = rdms_page([stimuli(520, nodes=1)], "distance")
    assert len(data_of(text)["stimuli"][0]["ids"]) == 500 and "it shows 500 of 520 stimuli" in text
    network = stimuli(20)
    few = thinned(network, 7)
    places = [network.ids.index(name) for name in few.ids]
    assert places[0] == 0 and places[-1] == 19 and len(places) == 7
    raw = np.zeros((20, 20))
    raw[np.triu_indices(20, 1)] = network.nodes[1].rdm
    np.testing.assert_array_equal(few.nodes[1].rdm, raw[np.ix_(places, places)][np.triu_indices(7, 1)])


def test_networks_that_see_the_same_stimuli_share_their_images():
    same, other = stimuli(20), stimuli(21)
    found = data_of(rdms_page([same, other, same], "distance"))
    assert [n["stimuli"] for n in found["networks"]] == [0, 1, 0] and len(found["stimuli"]) == 2


def test_the_same_page_has_the_same_bytes():
    assert rdms_page([stimuli(30)], "distance") == rdms_page([stimuli(30)], "distance")


@pytest.mark.parametrize("channels, shape", [(None, (2, 4, 4)), (1, (2, 4, 4)), (3, (2, 4, 4, 3)), (5, (2, 4, 4))])
def test_images_of_any_number_of_channels_can_be_shown(channels, shape):
    images = np.random.default_rng(0).random((2, 4, 4) if channels is None else (2, channels, 4, 4))
    shown = any_pictures(images)
    assert shown.shape == shape
    if channels == 5:
        np.testing.assert_allclose(shown[1, 2, 3], images[1, :, 2, 3].mean())


def test_images_stand_on_a_sheet_row_by_row():
    images = np.linspace(0, 1, 30)[:, None, None] * np.ones((30, 100, 50))
    sheet = image_sheet(images)
    assert (sheet["columns"], sheet["rows"], sheet["width"], sheet["height"]) == (25, 2, 24, 48)


@pytest.mark.parametrize("loss, epoch", [([4, 4, 3, 1, 0], 3), ([2, 0], 1), ([1, 1], 0)])
def test_a_page_opens_where_the_loss_has_fallen_halfway(loss, epoch):
    assert halfway(np.array(loss, dtype=float)) == epoch


def test_ratings_by_class_go_from_the_lowest_to_the_highest():
    assert ratings_by_class(np.array([7, 3, 5, 3])) == [10, 1, 5.5, 1]
    assert ratings_by_class(np.array([4, 4])) == [1, 1]


def test_stimuli_are_ordered_by_class_and_thinned():
    assert thinned_order([1, 0, 1, 0], 10).tolist() == [1, 3, 0, 2]
    assert thinned_order([1, 0, 1, 0], 2).tolist() == [1, 2]


# -- text


def test_whatever_is_put_into_a_page_is_text(tmp_path):
    text = page("rsm.html", NASTY, NASTY, {"label": NASTY})
    assert "<b>" not in text and text.count("</script>") == 2
    assert data_of(text) == {"label": NASTY}
    save_page(tmp_path / "page.html", text, Provenance("rule", config={"label": NASTY}))
    assert "<b>" not in (tmp_path / "page.html").read_text()


def test_captions_are_filled_in_from_what_made_the_figure():
    made = Provenance(
        "rdms_figure", {"analysis": "a/b"}, {"options": {"measure": "cosine <i>"}}, "f" * 16, versions={"x": "1"}
    )
    text = "RDMs ({{ snakemake.params.options.measure }}) with *stress*.\n\nMade by rule ``{{ snakemake.rule }}``."
    assert caption_html(text, made) == "<p>RDMs (cosine &lt;i&gt;) with <em>stress</em>.</p>\n"
    projected = replace(made, config=made.config | {"projection": {"dimensions": 100, "seed": 0}})
    assert "<p>Not exact: of sets of more than 100 stimuli" in caption_html(text, projected)


def test_captions_include_no_files(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("hidden words")
    found = caption_html(f".. include:: {secret}\n\n.. raw:: html\n\n   <script>x</script>\n", Provenance("rule"))
    assert "hidden words" not in found and "<script>" not in found


def test_a_card_shows_a_figure_and_links_to_its_files(tmp_path):
    figure = new_figure()
    figure.subplots().plot([0, 1])
    files = {"png": "figures/s/a_b.png", "pdf": "figures/s/a_b.pdf"}
    save_figure(figure, *(tmp_path / f for f in files.values()), provenance=Provenance("rule", fingerprint="abc"))
    card = figure_card(tmp_path, "a_b", "a title", files, "Words.")
    assert (card.title, card.made) == ("a b: a title", "rule rule, code abc")
    assert [link.href for link in card.links] == [files["pdf"], files["png"]]
    with Image.open(tmp_path / files["png"]) as image:
        assert card.width / card.height == pytest.approx(image.width / image.height, rel=0.01)
    assert max(card.width, card.height) == 720


def test_numbers_with_a_published_one_come_first():
    rows = {"study": "s", "quantity": ["ours alone", "both"], "dataset": "mnist", "ours": [1.0, 0.123456], "low": [np.nan, 0.1],
            "high": [np.nan, 0.2], "interval": None, "reference": [np.nan, 0.125], "source": ["", "a paper"]}  # fmt: skip
    shown = {"own": False, "differences": [], "text": ""}
    text = index_page({}, pd.DataFrame(rows), [], shown, {})
    assert text.index("both") < text.index("ours alone")
    assert "0.1235" in text and "0.1 to 0.2" in text and "The default configuration, unchanged." in text
    assert "published" not in index_page({}, None, [], shown, {})


def test_versions_that_differ_are_all_told():
    made = [Provenance("a", versions={"numpy": "2", "torch": "1"}), Provenance("b", versions={"numpy": "3"})]
    assert merged_versions(made) == "numpy 2 and 3, torch 1"
