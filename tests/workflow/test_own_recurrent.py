"""A recurrent network of one's own, exactly as the documentation shows it."""

import re

import pandas as pd
import pytest
import yaml
from project import ROOT, Workflow

PAGE = (ROOT / "docs/own-networks-and-images.md").read_text()
SHORT = {
    "models": {"mine": {"seeds": [1], "training": {"epochs": 2, "iterations": 20, "validation": 50}}},
    "studies": {"mine": {"importance": {"images": 60, "repetitions": 1}, "geometry": {"mean_field": {"draws": 20}}}},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished run of the network on the page, trained for a moment only."""
    folder = tmp_path_factory.mktemp("own")
    network = re.search(r"```python\n# (networks/mine.py)\n(.*?)```", PAGE, flags=re.DOTALL)
    (folder / "networks").mkdir()
    (folder / network[1]).write_text(network[2])
    (blocks,) = re.findall(r"```yaml\n(# mine.yaml\nmodels:.*?)```", PAGE, flags=re.DOTALL)
    (folder / "mine.yaml").write_text(blocks)
    (folder / "short.yaml").write_text(yaml.safe_dump(SHORT))
    files = [str(ROOT / "configs/quick.yaml"), str(folder / "mine.yaml"), str(folder / "short.yaml")]
    Workflow(ROOT, folder).run("--cores", "2", "--configfile", *files, "--", "mine", config=None)
    return folder


def table(folder, name):
    return pd.read_csv(folder / f"results/tables/mine/{name}.csv")


def test_layers_and_flows_are_decoded_by_their_names(folder):
    assert set(table(folder, "decoding")["layer"]) == {"input", "hidden", "top"}
    flows = table(folder, "flow_decoding")
    assert set(flows["layer"]) == {"hidden"} and set(flows["modulation"]) == {"bias", "gain"}
    assert set(flows["timestep"]) == {2, 3, 4} and set(flows["kind"]) == {"flow"}


def test_flows_are_exchanged(folder):
    perturbed = table(folder, "importance")
    flows = perturbed[perturbed["layer"] != "output"]
    assert set(flows["layer"]) == {"hidden"} and set(flows["modulation"]) == {"bias and gain"}
    assert set(flows["timestep"]) == {2, 3, 4} and perturbed["mean"].notna().all()


def test_connections_are_drawn_and_listed(folder):
    connections = table(folder, "connections").set_index(["source", "target", "modulation"])
    assert connections.loc[("top", "hidden", "gain"), "n_parameters"] == 64 * 64 + 64
    figures = {path.stem for path in (folder / "results/figures/mine").glob("*.png")}
    assert figures == {
        "history", "connections", "output", "maps", "decoding", "flow_decoding", "importance", "rdms", "path", "geometry"
    }  # fmt: skip


def test_nothing_else_is_computed(folder):
    models = {path.name for path in (folder / "results/models").iterdir()}
    assert models == {"mine"} and not (folder / "results/figures/robustness").exists()
