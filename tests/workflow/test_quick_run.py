"""The quick configuration end to end."""

import json
import re
import warnings

import numpy as np
import pandas as pd
import pytest
import rsatoolbox
from PIL import Image

from repgeom.measures.capacity import WeakCentreWarning, analyse_layers
from repgeom.measures.capacity.manifolds import manifolds_of
from repgeom.measures.rdm import MEASURES
from repgeom.store.activations import open_activations
from repgeom.store.coordinates import open_coordinates
from repgeom.store.inspection import READERS, inspect
from repgeom.store.stimuli import read_stimuli
from repgeom.store.table_metadata import read_table_metadata
from repgeom.store.weights import read_weights


def artifacts(workflow, pattern):
    return sorted((workflow.folder / "results").glob(pattern))


def test_nothing_is_left_to_do(quick):
    assert "Nothing to be done" in quick.run("--dry-run").stderr + quick.run("--dry-run").stdout


def test_no_partial_or_resume_file_is_left(quick):
    left = [p for p in artifacts(quick, "**/*") if p.is_file() and (".partial" in p.name or ".resume" in p.name)]
    assert left == []


def test_every_figure_has_its_formats_and_its_data(quick):
    pngs = artifacts(quick, "figures/*/*.png")
    assert len(pngs) >= 7
    for png in pngs:
        assert png.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
        table = quick.folder / "results/tables" / png.parent.name / f"{png.stem}.csv"
        assert len(pd.read_csv(table)) > 0
        with Image.open(png) as image:
            assert np.asarray(image.convert("L")).std() > 5


def test_no_figure_is_hard_to_read(quick):
    """Letters of 5 pt at least, no words over words, no bar that is cut off: what is found stands in the logs."""
    logs = artifacts(quick, "logs/figures/*/*.log")
    assert len(logs) >= 7
    found = [f"{log.stem}: {line}" for log in logs for line in log.read_text().splitlines() if "hard to read" in line]
    assert not found, "\n".join(found)


def test_figures_of_the_report_are_small(quick):
    sizes = {png.stem: png.stat().st_size for png in artifacts(quick, "figures/*/*.png")}
    assert {name: size for name, size in sizes.items() if size > 1_000_000} == {}


def test_tables_of_means_hold_what_figures_draw(quick):
    tables = artifacts(quick, "tables/*/*_means.csv")
    assert {"layers_means", "sweep_means", "history_means", "capacities_means"} <= {path.stem for path in tables}
    for path in tables:
        table = pd.read_csv(path)
        value = "median" if "mean" not in table else "mean"
        inside = (table["low"].isna() | (table["low"] <= table[value])) & (
            table["high"].isna() | (table[value] <= table["high"])
        )
        assert len(table) and inside[table[value].notna()].all() and table["interval"].notna().all(), path


def test_every_artifact_carries_its_provenance(quick):
    files = [p for ending in READERS for p in artifacts(quick, f"**/*{ending}")]
    assert len(files) > 30
    for path in files:
        _, provenance = inspect(path)
        assert re.fullmatch(r"[0-9a-f]{16}", provenance.fingerprint), path
        assert provenance.versions, path


def test_rdms_equal_rsatoolbox_on_the_raw_activations(quick):
    compared = 0
    for path in artifacts(quick, "rdms/*/*/*/last/*.h5"):
        measure, model, seed, epoch, stimuli = path.relative_to(quick.folder / "results/rdms").parts
        if measure not in MEASURES:
            continue
        theirs = rsatoolbox.rdm.load_rdm(str(path))
        store = quick.folder / "results/activations" / model / seed / epoch / stimuli.replace(".h5", ".zarr.zip")
        if measure == "cosine" or not store.exists():
            continue
        with open_activations(store) as activations:
            for node, found in zip(theirs.rdm_descriptors["node"], theirs.dissimilarities, strict=True):
                raw = activations.read(node).astype(np.float64)
                expected = rsatoolbox.rdm.calc_rdm(rsatoolbox.data.Dataset(raw), method=measure).dissimilarities[0]
                np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12, err_msg=f"{path} {node}")
                compared += 1
    assert compared > 20


def test_coordinates_keep_the_inner_products_of_the_activations(quick):
    path = artifacts(quick, "coordinates/standard/*/last/test5.zarr.zip")[0]
    with (
        open_coordinates(path) as coordinates,
        open_activations(str(path).replace("coordinates", "activations")) as raw,
    ):
        for node in coordinates.nodes:
            x, u = raw.read(node).astype(np.float64), coordinates.read(node).uncentred
            scale = np.outer(np.linalg.norm(x, axis=1), np.linalg.norm(x, axis=1))
            assert (np.abs(u @ u.T - x @ x.T) / scale).max() < 1e-9


def test_reproduction_gathers_all_studies(quick):
    table = pd.read_csv(quick.folder / "results/tables/reproduction.csv")
    assert list(table) == ["study", "quantity", "dataset", "ours", "low", "high", "interval", "reference", "source"]
    assert table["ours"].notna().all()
    bundled = table["dataset"].isin(["digits", "letters"])
    assert table.loc[bundled, "reference"].isna().all()


def test_manifold_analysis_follows_the_recurrent_network_over_time(quick):
    """The table equals the analysis of the raw activations, for a network of another study."""
    layers = pd.read_csv(quick.folder / "results/tables/manifolds/layers.csv")
    table = layers[layers["model"] == "recurrent"].set_index("node")
    steps = ["conv2", "conv2_1", "conv2_2", "conv2_3", "conv2_4"]
    assert list(table.index) == ["input", *steps]
    with open_activations(artifacts(quick, "activations/recurrent/seed1/last/test50.zarr.zip")[0]) as raw:
        points = {node: manifolds_of(raw.read(node).astype(float), raw.stimuli.labels) for node in steps}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", WeakCentreWarning)
        found = analyse_layers(points, n_draws=20)
    for node, analysis in found.items():
        assert table.loc[node, "capacity"] == pytest.approx(analysis.capacity, rel=1e-6), node
        assert table.loc[node, "radius"] == pytest.approx(analysis.summary()["radius"], rel=1e-6), node
    methods = pd.read_csv(quick.folder / "results/tables/manifolds/capacities.csv")
    assert set(steps) <= set(methods.loc[methods["model"] == "recurrent", "node"])
    assert methods["capacity"].notna().all() and methods["conic_capacity_se"].notna().all()
    assert set(methods["epoch"].dropna()) == {0}


def test_feature_maps_are_those_of_every_epoch(quick):
    table = pd.read_csv(quick.folder / "results/tables/manifolds/maps.csv")
    assert table.groupby("epoch").size().to_dict() == {0: 30, 2: 30}
    means = table.pivot(index=["id", "channel"], columns="epoch", values="mean")
    assert (means[0] != means[2]).mean() > 0.5  # a filter whose output is never positive does not learn
    weights = read_weights(artifacts(quick, "models/single_conv/seed111/weights.safetensors")[0], 2)
    image = read_stimuli(artifacts(quick, "stimuli/test_first3.h5")[0]).images[0]
    patches = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    kernels, bias = weights["conv.weight"].numpy()[:10, 0], weights["conv.bias"].numpy()[:10]
    expected = np.einsum("yxij,cij->cyx", patches, kernels).mean(axis=(1, 2)) + bias
    first = table[(table["epoch"] == 2) & (table["id"] == "digits-test-00000")]
    np.testing.assert_allclose(first.sort_values("channel")["mean"], expected, rtol=1e-4, atol=1e-6)


def test_every_metamer_has_its_row(quick):
    table = pd.read_csv(quick.folder / "results/tables/manifolds/metamers.csv")
    assert table.groupby("node").size().to_dict() == {"conv": 20, "fc": 20}
    assert not table.duplicated(["node", "id", "start"]).any()
    assert (table["loss_best"] < table["loss_start"]).all()
    assert table[["predicted", "held_out"]].isin(range(10)).all(axis=None)
    assert table["held_out_share"].between(0, 1).all()


def test_tables_are_described(quick):
    for path in artifacts(quick, "tables/robustness/*.csv"):
        columns = read_table_metadata(path)["tableSchema"]["columns"]
        assert [c["name"] for c in columns] == list(pd.read_csv(path, nrows=1))


def test_page_predicts_what_the_table_says(quick):
    text = (quick.folder / "results/pages/robustness/generalisation.html").read_text()
    data = json.loads(re.search(r'<script type="application/json" id="data">(.*)</script>', text)[1])
    table = pd.read_csv(quick.folder / "results/tables/robustness/generalisation.csv")
    assert set(data["nodes"]) == set(table["node"])
    for node, sensitivity in data["nodes"].items():
        np.testing.assert_allclose(np.ravel(sensitivity), table.loc[table["node"] == node, "sensitivity"], atol=1e-8)
    assert "http" not in text.replace("http://www.w3.org", "").split("<body>")[1]


def test_a_bad_configuration_stops_before_any_job(quick, tmp_path):
    done = quick.run("--cores", "1", "--config", "devise=cpu", check=False)
    assert done.returncode and "devise: unknown key; did you mean 'device'?" in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("target", ["robustness", "reproduction"])
def test_named_targets(quick, target):
    assert "Nothing to be done" in (done := quick.run("--dry-run", target)).stderr + done.stdout
