"""The study recurrence with a recurrent network of one's own, exactly as the documentation shows it."""

import re

import pandas as pd
import pytest
import yaml
from project import ROOT, Workflow

PAGE = (ROOT / "docs/own-networks-and-images.md").read_text()
SHORT = {"seeds": [1], "training": {"epochs": 2, "iterations": 20, "validation": 50}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A finished run of the network on the page, trained for a moment only."""
    folder = tmp_path_factory.mktemp("own")
    network = re.search(r"```python\n# (networks/mine.py)\n(.*?)```", PAGE, flags=re.DOTALL)
    (folder / "networks").mkdir()
    (folder / network[1]).write_text(network[2])
    (blocks,) = re.findall(r"```yaml\n(# mine.yaml\nmodels:.*?)```", PAGE, flags=re.DOTALL)
    (folder / "mine.yaml").write_text(blocks)
    (folder / "short.yaml").write_text(
        yaml.safe_dump({"models": {"mine": SHORT}, "studies": {"recurrence": {"models": ["mine"]}}})
    )
    files = [str(ROOT / "configs/quick.yaml"), str(folder / "mine.yaml"), str(folder / "short.yaml")]
    Workflow(ROOT, folder).run("--cores", "2", "--configfile", *files, "--", "recurrence", config=None)
    return folder


def table(folder, name):
    return pd.read_csv(folder / f"results/tables/recurrence/{name}")


def test_layers_and_flows_are_decoded_by_their_names(folder):
    decoded = table(folder, "decoding/mine/seed1/cluttered.csv")
    assert set(decoded["layer"]) == {"input", "hidden", "top"}
    flows = decoded[decoded["kind"] == "flow"]
    assert set(flows["layer"]) == {"hidden"} and set(flows["modulation"]) == {"bias", "gain"}
    assert set(flows["timestep"]) == {2, 3, 4}


def test_flows_are_exchanged(folder):
    perturbed = table(folder, "perturbation/mine/seed1.csv")
    assert set(perturbed["layer"]) == {"hidden"} and set(perturbed["modulation"]) == {"bias and gain"}
    assert set(perturbed["timestep"]) == {2, 3, 4} and perturbed["importance"].notna().all()


def test_connections_are_drawn_and_listed(folder):
    connections = table(folder, "connections_mine.csv").set_index(["source", "target", "modulation"])
    assert connections.loc[("top", "hidden", "gain"), "n_parameters"] == 64 * 64 + 64
    figures = {path.name for path in (folder / "results/figures/recurrence").glob("*_mine.png")}
    assert len(figures) == 12 and {"importance_mine.png", "maps_mine.png", "geometry_mine.png"} <= figures
