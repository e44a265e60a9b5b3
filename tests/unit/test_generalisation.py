"""Ratings spread by ridge regression; the table, the figure and the page show it, of grey and of colour images."""

import base64
import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from sklearn.linear_model import Ridge

from repgeom.analyses.generalisation import GENERALISATION_COLUMNS, generalisation_rows
from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.figures.generalisation import COLUMNS, generalisation_figure
from repgeom.figures.pictures import as_pictures
from repgeom.measures.generalisation import generalise
from repgeom.pages.generalisation import generalisation_page, ratings_by_class


@pytest.fixture
def images():
    """Activations of 10 rated and 5 new images, far from zero."""
    rng = np.random.default_rng(0)
    return rng.normal(size=(10, 40)) + 3, rng.normal(size=(5, 40)) + 3


@pytest.mark.parametrize("alpha", [0.99, 1e-3, 50])
def test_predictions_equal_ridge_for_any_ratings(images, alpha):
    rated, new = images
    found = generalise(rated, new, alpha)
    for ratings in (np.arange(1, 11.0), np.full(10, 4.0), np.random.default_rng(1).uniform(1, 10, 10)):
        expected = Ridge(alpha=alpha).fit(rated, ratings)
        np.testing.assert_allclose(found.predict(ratings), expected.predict(new), atol=1e-9)
        np.testing.assert_allclose(found.intercept @ ratings, expected.intercept_, atol=1e-9)


def test_predictions_are_dot_products_with_the_dual_weights(images):
    found = generalise(*images)
    ratings = np.arange(10.0)
    weights = found.dual @ ratings
    np.testing.assert_allclose(found.intercept @ ratings + weights @ found.dot_products, found.predict(ratings))
    np.testing.assert_allclose(found.dot_products, images[0] @ images[1].T)
    assert weights.sum() == pytest.approx(0, abs=1e-12)


def test_sensitivity_is_the_change_of_the_prediction(images):
    rated, new = images
    ratings = np.linspace(2, 9, 10)
    base = Ridge(alpha=0.99).fit(rated, ratings).predict(new)
    for i in range(10):
        moved = Ridge(alpha=0.99).fit(rated, ratings + np.eye(10)[i]).predict(new)
        np.testing.assert_allclose(generalise(rated, new).sensitivity[i], moved - base, atol=1e-10)


def test_equal_ratings_predict_themselves_and_a_huge_penalty_the_mean(images):
    np.testing.assert_allclose(generalise(*images).sensitivity.sum(axis=0), 1, atol=1e-12)
    np.testing.assert_allclose(generalise(*images, alpha=1e9).sensitivity, 0.1, atol=1e-6)


def test_coordinates_give_what_the_features_give(images):
    coordinates = reduce_activations([np.vstack(images)]).uncentred
    for field in ("dot_products", "dual", "intercept", "sensitivity"):
        np.testing.assert_allclose(
            getattr(generalise(coordinates[:10], coordinates[10:]), field),
            getattr(generalise(*images), field),
            atol=1e-9,
        )


def test_single_precision_activations_far_from_zero_lose_nothing(images):
    """Means of 1e4 and differences of 1: inner products in float32 would be off by more than the penalty."""
    single = [(x + 1e4).astype(np.float32) for x in images]
    found, exact = generalise(*single), generalise(*[x.astype(np.float64) for x in single])
    for field in ("dot_products", "dual", "intercept", "sensitivity"):
        np.testing.assert_array_equal(getattr(found, field), getattr(exact, field))
    ratings = np.arange(1, 11.0)
    expected = Ridge(alpha=0.99).fit(single[0].astype(float) - 1e4, ratings).predict(single[1].astype(float) - 1e4)
    np.testing.assert_allclose(found.predict(ratings), expected, atol=1e-6)


def test_bad_input_is_named(images):
    with pytest.raises(InputError, match=r"\(10, 40\) and \(5, 39\)"):
        generalise(images[0], images[1][:, 1:])
    with pytest.raises(InputError, match="ridge penalty 0"):
        generalise(*images, alpha=0)


def pictures(shape):
    """Ten rated and five new images, each of one grey or one colour."""
    rng = np.random.default_rng(0)
    channels = shape[:1] if len(shape) == 3 else ()
    images = rng.random((15, *channels, 1, 1)) * np.ones((15, *shape))
    return as_pictures(images[:10]), as_pictures(images[10:])


def test_the_table_holds_every_pair_of_a_rated_and_a_new_image(images):
    found = generalise(*images)
    rated, new = np.arange(10).astype(str), np.array(list("abcde"))
    rows = list(generalisation_rows("fc", found, rated, new))
    assert len(rows) == 50 and set(rows[0]) <= set(GENERALISATION_COLUMNS)
    row = next(r for r in rows if (r["rated"], r["predicted"]) == ("7", "c"))
    assert (row["sensitivity"], row["dot_product"]) == (found.sensitivity[7, 2], found.dot_products[7, 2])
    ratings = np.linspace(1, 10, 10)
    predicted = sum(ratings[int(r["rated"])] * r["sensitivity"] for r in rows if r["predicted"] == "c")
    assert predicted == pytest.approx(found.predict(ratings)[2])


@pytest.mark.parametrize("shape", [(4, 4), (3, 4, 4)], ids=["grey", "colour"])
def test_the_page_shows_the_images_and_predicts_what_the_regression_does(images, shape):
    rated, new = pictures(shape)
    found = generalise(*images)
    text = generalisation_page({"fc": found}, rated, new, ("abcdefghij", "abcde"), ratings_by_class(np.arange(10)))
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*)</script>', text)[1])
    ratings = np.linspace(1, 10, 10)
    np.testing.assert_allclose(ratings @ data["nodes"]["fc"], found.predict(ratings), atol=1e-7)
    assert len(data["rated"]) == len(data["start"]) == 10 and (data["start"][0], data["start"][-1]) == (1, 10)
    for shown, image in zip(data["new"], new, strict=True):
        png = Image.open(io.BytesIO(base64.b64decode(shown["source"].partition(",")[2])))
        shown = np.asarray(png.convert("RGB"))[0, 0] / 255
        np.testing.assert_allclose(shown, image[0, 0] * np.ones(3), atol=0.01)


@pytest.mark.parametrize("shape", [(4, 4), (3, 4, 4)], ids=["grey", "colour"])
def test_a_figure_has_a_panel_per_node_with_the_images_along_its_axes(images, shape):
    rated, new = pictures(shape)
    nodes = {f"layer{i}": generalise(*images, alpha=10.0**i) for i in range(COLUMNS + 1)}
    figure = generalisation_figure(nodes, rated, new)
    panels = {a.get_title(): a for a in figure.axes if a.get_title()}
    assert list(panels) == list(nodes)
    for node, axes in panels.items():
        np.testing.assert_array_equal(axes.images[0].get_array(), nodes[node].sensitivity)
    thumbnails = [c.images[0].get_array() for c in panels["layer0"].child_axes]
    assert len(thumbnails) == 5 + 10
    np.testing.assert_array_equal(np.stack(thumbnails[:5]), new)
