"""Every page in a browser: nothing goes wrong, everybody can use it, and its numbers are those that it was made of."""

import re

import examples
import numpy as np
import pytest
from examples import TRICKY

from repgeom.measures.rdm import label_rdm
from repgeom.pages.matrix import packed

expect = pytest.importorskip("playwright.sync_api", reason="playwright is not installed (extra `test`)").expect

PAGES = ("generalisation", "rsm", "rdms", "paths", "metamers", "index")
WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Every page once."""
    folder = tmp_path_factory.mktemp("pages")
    for name in PAGES:
        text = examples.index(folder) if name == "index" else getattr(examples, name)()
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def open_page(visit, folder):
    def open_page(name, width=1280, **context):
        opened = visit(folder / f"{name}.html", width, **context)
        if name in ("rdms", "paths", "metamers"):
            opened.page.wait_for_selector("body[data-ready]")
        return opened.page

    return open_page


def wait_until(page, condition):
    """For what no locator can tell; the page itself allows no script of ours."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(50)
    pytest.fail("waited in vain")


def violations(page):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    found = axe.run(page).response
    assert len(found["passes"]) > 10
    return [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_it_opens_without_errors_network_or_sideways_scrolling(visit, folder, name, width):
    opened = visit(folder / f"{name}.html", width)
    opened.page.wait_for_load_state("networkidle")
    assert opened.errors == []
    assert [url for url in opened.requests if not url.startswith("data:")] == [(folder / f"{name}.html").as_uri()]
    assert opened.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_nobody_is_kept_out(open_page, name, scheme):
    """No violation that axe-core calls serious; contrast is among what it measures."""
    assert violations(open_page(name, color_scheme=scheme)) == []


@pytest.mark.parametrize("name", ["rdms", "paths", "index"])
def test_labels_are_shown_as_they_were_written(open_page, name):
    assert TRICKY.replace("  ", " ") in open_page(name).locator("main").inner_text().replace("\n", " ")


def test_a_page_that_would_load_something_may_not(visit, folder):
    text = (folder / "rsm.html").read_text().replace("<h1>", '<img src="http://127.0.0.1:9/x.png" alt=""><h1>')
    (folder / "loads.html").write_text(text)
    assert any("Content Security Policy" in error for error in visit(folder / "loads.html").errors)


# -- ratings


def numbers(page, selector):
    return [float(text) for text in page.locator(selector).all_inner_texts()]


def test_predictions_follow_the_sliders_by_mouse_and_keyboard(open_page):
    page, ratings = open_page("generalisation"), np.linspace(1, 10, 10)
    assert page.locator("#predicted").bounding_box()["y"] < 500  # beside the sliders, not below the fold
    np.testing.assert_allclose(numbers(page, "#new output"), examples.NODES["conv1"].predict(ratings), atol=0.00501)
    slider = page.get_by_label("3: class 2", exact=True)
    slider.focus()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    ratings[2] += 0.4
    assert slider.input_value() == "3.4"
    np.testing.assert_allclose(numbers(page, "#new output"), examples.NODES["conv1"].predict(ratings), atol=0.00501)
    box = page.get_by_label("1: class 0", exact=True).bounding_box()
    page.mouse.click(box["x"] + box["width"] - 2, box["y"] + box["height"] / 2)
    ratings[0] = 10
    page.get_by_label("Node", exact=True).select_option("fc2")
    np.testing.assert_allclose(numbers(page, "#new output"), examples.NODES["fc2"].predict(ratings), atol=0.00501)
    page.get_by_role("button", name="all alike").click()
    np.testing.assert_allclose(numbers(page, "#new output"), 5, atol=0.00501)
    assert numbers(page, "#rated output") == [5.0] * 10


# -- learning dynamics


def test_the_matrix_and_the_loss_are_those_of_the_epoch(open_page):
    page = open_page("rsm")
    assert page.locator("#epoch").inner_text() == "11"  # where the loss has fallen halfway
    slider = page.get_by_label("Epoch", exact=True)
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    np.testing.assert_allclose(numbers(page, "#rsm tbody td"), examples.RSM[9].ravel(), atol=0.00501)
    np.testing.assert_allclose(numbers(page, "#error"), examples.LOSS[9], atol=0.000501)
    page.keyboard.press("End")
    np.testing.assert_allclose(numbers(page, "#rsm tbody td"), examples.RSM[30].ravel(), atol=0.00501)
    page.get_by_role("button", name="play").press("Enter")  # from the start, since it stood at the end
    expect(slider).to_have_value(re.compile(r"[3-9]|[12]\d"))
    page.get_by_role("button", name="pause").click()
    np.testing.assert_allclose(
        numbers(page, "#rsm tbody td"), examples.RSM[int(slider.input_value())].ravel(), atol=0.00501
    )


# -- RDMs


def shown_pair(page):
    return int(page.locator("#row").input_value()), int(page.locator("#column").input_value())


def expected(rdm, row, column):
    from scipy.spatial.distance import squareform

    return squareform(rdm)[row - 1, column - 1]


def test_a_cell_tells_its_stimuli_and_their_dissimilarity_at_every_node(open_page):
    page, first = open_page("rdms"), examples.RDMS["first"]
    box = page.locator("#matrix").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 20.5 / 30, box["y"] + box["height"] * 4.5 / 30)
    expect(page.locator("#column")).to_have_value("21")
    assert shown_pair(page) == (5, 21)
    assert page.locator("#first-name").inner_text() == "class 0, id4"
    assert page.locator("#second-name").inner_text() == "class 3, id20"
    wanted = [expected(first[name], 5, 21) for name in ("layer0", "layer1", "layer2")]
    np.testing.assert_allclose(numbers(page, "#nodes td.number"), wanted, atol=0.0501)
    assert float(page.locator("#value").inner_text()) == numbers(page, "#nodes td.number")[0]


def test_numbers_in_few_steps_are_right_to_half_of_one(visit, tmp_path, monkeypatch):
    monkeypatch.setattr("repgeom.pages.rdms.packed", lambda rdm, coarse: packed(rdm, coarse=True))
    (file := tmp_path / "coarse.html").write_text(examples.rdms(), encoding="utf-8")
    opened = visit(file, 1280)
    page, first = opened.page, examples.RDMS["first"]
    page.wait_for_selector("body[data-ready]")
    page.get_by_label("row", exact=True).fill("5")
    page.get_by_label("column", exact=True).fill("21")
    page.keyboard.press("Tab")
    assert shown_pair(page) == (5, 21)
    wanted = np.array([expected(first[name], 5, 21) for name in ("layer0", "layer1", "layer2")])
    steps = np.array([first[name].max() / 255 for name in ("layer0", "layer1", "layer2")])
    assert (np.abs(numbers(page, "#nodes td.number") - wanted) < steps).all()
    page.get_by_label("Colours", exact=True).select_option("up to the network's maximum")
    largest = max(rdm.max() for rdm in first.values())
    wait_until(page, lambda: abs(numbers(page, "#largest")[0] - largest) < 2 * steps.max())
    assert opened.errors == []


def test_controls_of_rdms_work_from_the_keyboard(open_page):
    page = open_page("rdms")
    page.locator("#matrix").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    assert shown_pair(page) == (3, 13)
    page.get_by_label("column", exact=True).fill("30")
    page.keyboard.press("Tab")
    assert shown_pair(page) == (3, 30)
    page.get_by_label("Node", exact=True).select_option("rnn")
    expect(page.locator("#what")).to_contain_text("rnn, t = 1")
    page.get_by_label("Time step", exact=True).press("ArrowRight")
    expect(page.locator("#what")).to_contain_text("rnn, t = 2")
    np.testing.assert_allclose(numbers(page, "#value"), expected(examples.RDMS["first"]["layer2"], 3, 30), atol=0.0501)
    page.get_by_label("Network", exact=True).select_option("second")
    expect(page.locator("#what")).to_contain_text("layer1")
    np.testing.assert_allclose(numbers(page, "#value"), expected(examples.RDMS["second"]["layer1"], 3, 30), atol=50.1)
    page.get_by_label("Network", exact=True).select_option(TRICKY)
    page.get_by_label("Colours", exact=True).select_option("up to the network's maximum")
    largest = max(rdm.max() for rdm in examples.RDMS["first"].values())
    wait_until(page, lambda: abs(numbers(page, "#largest")[0] - largest) < 0.11)


def pixel(page, row, column):
    return page.evaluate(
        "([i, j]) => [...document.getElementById('matrix').getContext('2d').getImageData(j, i, 1, 1).data]",
        [row, column],
    )


def test_the_matrix_is_drawn_in_the_colours_of_its_numbers(open_page):
    import matplotlib

    page, rdm = open_page("rdms"), examples.RDMS["first"]["layer0"]
    colours = np.round(255 * matplotlib.colormaps["magma_r"](np.arange(256))[:, :3])
    for row, column in ((1, 1), (2, 9), (9, 2), (30, 17)):
        shade = pixel(page, row - 1, column - 1)[:3]
        place = np.argmin(np.abs(colours - shade).sum(axis=1))
        assert place / 255 == pytest.approx(expected(rdm, row, column) / rdm.max(), abs=0.01)


# -- paths


def test_a_node_tells_its_name_and_how_far_it_lies(open_page):
    page, d, paths = open_page("paths"), examples.DISSIMILARITY, examples.PATHS
    page.get_by_label("Path", exact=True).select_option("second")
    page.get_by_label("Node", exact=True).select_option("node2")
    i, before = paths.indices["b"][2], paths.indices["b"][1]
    assert page.locator("#name").inner_text() == "second, node2"
    found = [numbers(page, f"#{name}")[0] for name in ("from-input", "from-before", "from-labels")]
    np.testing.assert_allclose(found, [d[i, 0], d[i, before], d[i, paths.labels]], rtol=0.00501)
    page.get_by_role("button", name="next").press("Enter")
    assert page.locator("#name").inner_text() == "second, node3"
    page.get_by_role("button", name="next").click()
    assert page.locator("#name").inner_text() == "labels"
    expect(page.locator("#largest")).not_to_be_empty()
    page.locator("#map [data-place='0,1']").hover(force=True)
    assert page.locator("#name").inner_text().endswith("node1")


def test_the_rdm_of_a_node_is_drawn_by_class(open_page):
    page = open_page("paths")
    page.get_by_label("Node", exact=True).select_option("labels")
    page.wait_for_timeout(200)
    same = label_rdm(examples.CLASSES)[0] == 0
    assert same and pixel(page, 0, 1) == pixel(page, 0, 0) != pixel(page, 0, 6)


# -- metamers


def test_a_metamer_tells_what_networks_call_it(open_page):
    page = open_page("metamers")
    page.get_by_label("Original", exact=True).select_option(index=2)
    page.get_by_label("Node", exact=True).select_option("fc")
    found = [page.locator(f"#{name}").inner_text() for name in ("label", "predicted", "held-out", "correlation")]
    assert found == ["class 2", "class 2", "class 3", "0.21"]
    np.testing.assert_allclose(numbers(page, "#first"), examples.METAMERS["fc_loss"][0, 2], rtol=0.01)
    np.testing.assert_allclose(numbers(page, "#lowest"), examples.METAMERS["fc_loss"][:, 2].min(), rtol=0.01)
    assert page.locator("#stage-name").inner_text() == "best"
    page.get_by_label("Stage", exact=True).press("ArrowLeft")
    assert page.locator("#stage-name").inner_text() == "step 4"
    page.get_by_label("Stage", exact=True).press("Home")
    assert page.get_by_role("img", name="Metamer of fc, step 0").is_visible()


# -- all results


def test_the_index_shows_published_numbers_first_and_links_to_files(open_page, folder):
    page = open_page("index")
    assert page.locator("#reproduction-of-published-numbers ~ .scroll tbody tr").count() == 1
    assert "0.9812" in page.locator("#reproduction-of-published-numbers ~ .scroll tbody").inner_text()
    page.locator("details summary").first.press("Enter")
    assert page.get_by_text("1 number without").is_visible()
    links = page.evaluate("[...document.querySelectorAll('.card a')].map(a => a.getAttribute('href'))")
    assert len(links) == 6 and all((folder / link).is_file() for link in links)
    assert page.get_by_role("link", name="PDF of two words").count() == 1
    tables = page.locator("#reproduction-of-published-numbers ~ .links a")
    assert tables.all_inner_texts() == ["all studies", "one study"]
