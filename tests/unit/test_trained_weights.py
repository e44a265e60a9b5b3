"""The weights that come with the project recognise cluttered canvases of images that they were not trained on."""

import numpy as np
import torch

from repgeom.cli import ROOT
from repgeom.config.configuration import load_configuration
from repgeom.config.files import merged
from repgeom.datasets.bundled import BUNDLED
from repgeom.datasets.idx import load_idx
from repgeom.models.architectures import build_model
from repgeom.models.published import copy_weights
from repgeom.resources import FOLDER
from repgeom.stimuli.clutter.canvases import labelled_canvases
from repgeom.stimuli.clutter.sources import Sources
from repgeom.stimuli.clutter.spec import ClutterSpec

PUBLISHED_SIZE = {"architecture": "rcnn", "options": {"canvas": [100, 100]}, "normalise": None}


def trained_network():
    files = [ROOT / "config.yaml", *(ROOT / f"configs/{name}.yaml" for name in ("published", "published-fast-weights"))]
    file = load_configuration(merged(files)).models["rcnn"].source.path
    model = build_model(PUBLISHED_SIZE, seed=1)
    copy_weights(model.network, PUBLISHED_SIZE, {"url": None, "checksum": None}, file, "", print)
    return model.eval()


def test_the_weights_of_the_published_size_recognise_canvases():
    digits, clothing = (load_idx(BUNDLED[name], FOLDER)["test"] for name in ("mnist-10k", "fashion-mnist-10k"))
    sources = Sources.from_domains(digits, clothing)
    images, categories = labelled_canvases(ClutterSpec(), sources, 5, np.arange(200))
    with torch.no_grad():
        recognised = (trained_network()(images).argmax(1) == categories).double().mean()
    assert recognised > 0.6  # of 20 categories
