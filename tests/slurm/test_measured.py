"""Networks against measured data and against each other: the same bytes on this machine and on the cluster."""

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import REPOSITORY, Run
from scipy.spatial.distance import pdist

from repgeom.datasets.digits import load_digits
from repgeom.stimuli.selection import select
from repgeom.store.measured_rdms import MeasuredRDMs, write_measured_rdms

pytestmark = pytest.mark.slow

PER_CLASS = 2
OF = [{"model": ["one", "two"], "stimuli": "few", "nodes": ["conv?", "fc2"], "seeds": "all"}]
ONE = [{"model": "one", "stimuli": "few", "nodes": ["conv?", "fc2"]}]
UNTRAINED = {"architecture": "lenet", "source": {"untrained": True}, "seeds": [1]}
CONFIGURATION = {
    "datasets": {"digits": {"source": "digits"}},
    "models": {"one": UNTRAINED, "two": UNTRAINED | {"seeds": [2]}},
    "stimuli": {"few": {"kind": "select", "dataset": "digits", "split": "test", "per_class": PER_CLASS}},
    "data": {"it": {"rdms": "it.h5"}, "v4": {"responses": "v4.csv"}},
    "studies": {
        "mine": {
            "it": {"kind": "inference", "data": "it", "comparison": "tau-a", "samples": 100, "best": True, "of": OF},
            "v4_rdms": {
                "kind": "inference",
                "data": "v4",
                "measure": "euclidean",
                "comparison": "cosine_cov",
                "of": OF,
            },
            "v4": {"kind": "encoding", "data": "v4", "folds": 3, "of": ONE},
            "alike": {"kind": "similarity", "of": OF},
        }
    },
}
RULES = {"import_rdms", "import_responses", "measured_rdms", "inference", "encoding", "figures"}


def write_project(folder, ids):
    """Noise will do: what is asked is whether it comes out alike."""
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIGURATION))
    rng, n = np.random.default_rng(0), len(ids)
    rdms = np.array([pdist(rng.normal(size=(n, 5))) for _ in range(4)])
    write_measured_rdms(folder / "it.h5", MeasuredRDMs(rdms, list("abcd"), np.array(ids)))
    table = pd.DataFrame(rng.normal(size=(2 * n, 6)), columns=[f"n{i}" for i in range(6)])
    table.assign(stimulus=[*ids, *ids]).to_csv(folder / "v4.csv", index=False)


def test_measured_data_on_the_cluster(cluster, tmp_path):
    environment = cluster.environment | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"}
    local, remote = (Run(tmp_path / name, REPOSITORY / "Snakefile", [], environment) for name in ("local", "remote"))
    ids = select(load_digits()["test"], PER_CLASS).ids
    for run in (local, remote):
        write_project(run.folder, ids)
    local.finish_locally()
    assert remote.finish() == 0, remote.output()
    assert remote.results() == local.results() != {}
    submitted = {job.split("/")[0].partition("_")[2] for job in remote.submitted().values()}
    assert {name for name in RULES if any(job.startswith(name) for job in submitted)} == RULES
    for name in CONFIGURATION["studies"]["mine"]:
        assert (remote.folder / f"results/figures/mine/{name}.png").is_file()
