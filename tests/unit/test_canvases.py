"""Canvases as training data and as stimuli: addressed by number, resumable, and what their labels say."""

import numpy as np
import pytest
import torch
from clutter_examples import domain

from repgeom.errors import InputError
from repgeom.models.architectures import PixelModel, build_network
from repgeom.stimuli.clutter.canvases import canvas_stimuli, labelled_canvases, spec_of, version_of
from repgeom.stimuli.clutter.parameters import draw, target_labels
from repgeom.stimuli.clutter.rendering import render
from repgeom.stimuli.clutter.splits import read_sources
from repgeom.stimuli.clutter.versions import SWAPS
from repgeom.store.stimuli import write_dataset
from repgeom.training.canvases import Canvases, read_canvases
from repgeom.training.classifier import Images, train
from repgeom.training.recipe import recipe_from_config

RECIPE = {
    "canvas_size": 36, "n_objects": 4, "n_candidates": 4, "positions": [9.0, 27.0], "position_jitter": 1.0,
    "scales": [0.4, 0.6], "scale_jitter": 0.04, "angles": [-30.0, 30.0], "angle_jitter": 5.0, "grid": 3,
}  # fmt: skip
TRAINING = {
    "optimiser": "adam", "learning_rate": 1e-3, "schedule": "cosine", "gamma": 1.0, "epochs": 3, "iterations": 2,
    "validation": 7, "batch_size": 4, "shuffle": True, "drop_last": False, "attack": None, "precision": "float32",
}  # fmt: skip
CANVASES = {"recipe": RECIPE, "held_out": 30}
OPTIONS = {"canvas": (36, 36), "features": (2, 3, 5)}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("domains")
    for seed, name in ((1, "first"), (2, "second")):
        test, train_split = domain(seed, 50), domain(seed + 10, 90)
        object.__setattr__(train_split, "split", "train")
        write_dataset(folder / f"{name}.h5", {"train": train_split, "test": test})
    return [folder / "first.h5", folder / "second.h5"]


def test_splits_share_no_image(files):
    parts = {split: read_sources(files, split, 30) for split in ("train", "validation", "test")}
    assert {split: len(s.images) for split, s in parts.items()} == {"train": 120, "validation": 60, "test": 100}
    images = {split: {image.numpy().tobytes() for image in s.images} for split, s in parts.items()}
    assert not images["train"] & images["validation"] and not images["train"] & images["test"]
    np.testing.assert_array_equal(parts["validation"].domain_starts, [0, 30, 60])


@pytest.mark.parametrize(
    "split, held_out, message", [("valid", 30, "no split 'valid'"), ("train", 90, "hold out fewer")]
)
def test_impossible_splits_are_refused(files, split, held_out, message):
    with pytest.raises(InputError, match=message):
        read_sources(files, split, held_out)


def test_every_batch_is_new_and_made_by_number(files):
    data, _ = read_canvases(files, CANVASES, TRAINING, 5, torch.device("cpu"))
    recipe = recipe_from_config(TRAINING, 5)
    batches = [batch for epoch in (1, 2) for batch in data.batches(recipe, epoch)]
    images, labels = labelled_canvases(data.spec, data.sources, 5, np.arange(16))
    assert torch.equal(torch.cat([b.images for b in batches]), images)
    assert torch.equal(torch.cat([b.labels for b in batches]), labels)
    assert len({image.numpy().tobytes() for image in images}) == 16


def new_model():
    return PixelModel(build_network("rcnn", OPTIONS, 1))


def run(files, done=None, after_epoch=lambda _: None, **changes):
    training = TRAINING | changes
    data, test = read_canvases(files, CANVASES, training, 5, torch.device("cpu"))
    return train(new_model(), data, test, recipe_from_config(training, 5), done, after_epoch)


def test_interrupted_training_ends_with_the_same_weights(files):
    class StoppedError(Exception):
        pass

    def stop_after_first(progress):
        if progress.epoch == 1:
            raise StoppedError

    whole, kept = run(files), {}
    with pytest.raises(StoppedError):
        run(files, after_epoch=lambda p: (kept.update(progress=p), stop_after_first(p)))
    resumed = run(files, done=kept["progress"])
    assert all(torch.equal(whole.weights[3][n], resumed.weights[3][n]) for n in whole.weights[3])
    assert [row["epoch"] for row in resumed.history] == [0, 1, 2, 3]


def test_validation_canvases_are_the_same_for_all_networks(files):
    tests = [read_canvases(files, CANVASES, TRAINING, seed, torch.device("cpu"))[1] for seed in (1, 2)]
    assert len(tests[0]) == 7 and torch.equal(tests[0].images, tests[1].images)


def test_half_precision_trains_to_about_the_same(files):
    exact, rounded = run(files), run(files, precision="bfloat16")
    assert all(w.dtype == torch.float32 for w in rounded.weights[3].values())
    assert rounded.history[-1]["test_loss"] == pytest.approx(exact.history[-1]["test_loss"], rel=0.02)
    assert rounded.history[-1]["test_loss"] != exact.history[-1]["test_loss"]


def test_too_few_outputs_are_refused(files):
    data, test = read_canvases(files, CANVASES, TRAINING, 5, torch.device("cpu"))
    model = PixelModel(build_network("rcnn", OPTIONS | {"n_categories": 10}, 1))
    with pytest.raises(InputError, match=r"10 outputs .* 20 classes"):
        train(model, data, Images(test.images, torch.full((7,), 19)), recipe_from_config(TRAINING, 5))


def test_canvas_stimuli_show_the_version_and_say_what_it_is(files):
    sources = read_sources(files, "test", 30)
    spec = spec_of(RECIPE, sources)
    parameters = draw(spec, sources, 3, np.arange(6))
    for version in ("cluttered", "clean", *SWAPS):
        stimuli = canvas_stimuli(spec, sources, 3, 6, version, "corrected")
        shown = version_of(parameters, sources, version)
        np.testing.assert_array_equal(stimuli.images, render(shown, sources).numpy())
        labels = target_labels(shown, sources)
        np.testing.assert_array_equal(stimuli.labels, labels.category)
        np.testing.assert_array_equal(stimuli.descriptors["orientation"], labels.orientation)
        assert set(stimuli.descriptors) == {"domain", "x", "y", "scale", "orientation"}
        np.testing.assert_array_equal(stimuli.ids, parameters.stimulus_ids)


def test_swapped_stimuli_differ_in_one_property(files):
    sources = read_sources(files, "test", 30)
    spec = spec_of(RECIPE, sources)
    original = canvas_stimuli(spec, sources, 3, 20, "cluttered", "corrected")
    swapped = canvas_stimuli(spec, sources, 3, 20, "scale", "corrected")
    changed = {n for n, v in original.descriptors.items() if not np.array_equal(v, swapped.descriptors[n])}
    assert changed == {"scale"} and np.array_equal(original.labels, swapped.labels)


def test_canvases_know_their_number_of_batches(files):
    sources = read_sources(files, "train", 30)
    assert Canvases(spec_of(RECIPE, sources), sources, 0, 11).n_batches(recipe_from_config(TRAINING, 5)) == 11


def test_a_curriculum_adds_objects_one_at_a_time(files):
    training = TRAINING | {"curriculum": 0.5, "epochs": 4}  # 8 batches of 4 canvases: 1, 1, 2, 3 and then 4 objects
    data, test = read_canvases(files, CANVASES, training, 5, torch.device("cpu"))
    recipe = recipe_from_config(training, 5)
    batches = [batch for epoch in range(1, 5) for batch in data.batches(recipe, epoch)]
    for i, (batch, n) in enumerate(zip(batches, [1, 1, 2, 3, 4, 4, 4, 4], strict=True)):
        spec = spec_of(RECIPE | {"n_objects": n, "n_candidates": n}, data.sources)
        images, labels = labelled_canvases(spec, data.sources, 5, np.arange(4 * i, 4 * i + 4))
        assert torch.equal(batch.images, images) and torch.equal(batch.labels, labels)
    assert torch.equal(test.images, read_canvases(files, CANVASES, TRAINING, 5, torch.device("cpu"))[1].images)
