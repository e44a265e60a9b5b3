"""What networks answer to images."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest

from repgeom.analyses.answers import SHARE_COLUMNS, answer_columns, answer_table, as_words, reported, shares_correct
from repgeom.coordinates.reduction import reduce_activations
from repgeom.errors import InputError
from repgeom.store.activations import StimulusInfo
from repgeom.store.coordinates import coordinate_writer
from repgeom.store.stimuli import StimulusSet

NAMES = ["first", "other"]


def sets():
    images = np.zeros((4, 3, 3), np.float32)
    clean = StimulusSet(images, np.arange(4), np.array(list("abcd")))
    attacked = images.copy()
    attacked[2, 1, 1] = 0.25
    return {"clean": clean, "attacked": StimulusSet(attacked, clean.labels, clean.ids)}


def test_one_row_per_image_and_one_column_per_network():
    shown = ["clean", "attacked", "clean", "attacked"]
    answers = [np.array([0, 1, 2, 3]), np.array([0, 1, 0, 0]), np.array([3, 3, 3, 3]), np.array([0, 1, 2, 3])]
    table = answer_table(sets(), shown, [NAMES[0]] * 2 + [NAMES[1]] * 2, answers)
    assert list(table) == list(answer_columns(NAMES))
    assert table["images"].tolist() == ["clean"] * 4 + ["attacked"] * 4
    assert table["largest_change"].tolist() == pytest.approx([0] * 6 + [0.25, 0])
    assert table["answer_first"].tolist() == [0, 1, 2, 3, 0, 1, 0, 0]
    assert table["answer_other"].tolist() == [3, 3, 3, 3, 0, 1, 2, 3]


def test_a_network_has_no_answer_to_images_it_was_not_shown():
    table = answer_table(sets(), ["clean", "attacked"], NAMES, [np.arange(4), np.arange(4)])
    assert table["answer_first"].isna().tolist() == [False] * 4 + [True] * 4
    assert table.to_csv(index=False).splitlines()[-1] == "attacked,d,3,0.0,,3"


def test_share_of_images_that_a_network_names_correctly():
    table = pd.DataFrame({"images": ["clean"] * 4 + ["attacked"], "label": [0, 1, 2, 3, 0],
                          "answer_first": [0, 1, 0, 0, 0], "answer_other": [0, 1, 2, 3, 1]})  # fmt: skip
    shares = shares_correct(table, ["clean", "clean", "attacked"], ["first", "other", "other"])
    assert list(shares) == list(SHARE_COLUMNS) and shares["n"].tolist() == [4, 4, 1]
    assert shares["mean"].tolist() == [0.5, 1, 0] and set(shares["interval"]) == {"95 % Wilson over images"}
    interval = binomtest(2, 4).proportion_ci(0.95, method="wilson")
    np.testing.assert_allclose(shares.loc[0, ["low", "high"]].astype(float), [interval.low, interval.high])
    assert as_words(shares.loc[0]) == f"50% ({interval.low:.0%}–{interval.high:.0%})"


def test_answers_come_from_coordinates_of_the_same_stimuli(tmp_path):
    path, ids = tmp_path / "coordinates.zarr.zip", np.array(["a", "b", "c"])
    info = StimulusInfo(ids, np.arange(3), {"predicted": np.array([2, 1, 0])})
    node = {"fc": {"module": "fc", "timestep": 0, "inputs": [], "shape": [4]}}
    with coordinate_writer(path, info, node, {}) as writer:
        writer.add("fc", reduce_activations([np.random.default_rng(0).random((3, 4))]))
    assert reported(path, ids).tolist() == [2, 1, 0]
    with pytest.raises(InputError, match="holds other stimuli"):
        reported(path, ids[::-1])
