"""Jobs as Kubernetes is asked to run them, and as they then run: in folders of their own, with nothing but the bucket.

The API is stood in for, and so are its pods; a real cluster is not part of the tests.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml
from kubernetes_api import NAMESPACE, kubernetes
from object_storage import BUCKET, object_storage
from project import ROOT, copy_project

CONFIGURATION = {
    "datasets": {"digits": {"source": "digits"}},
    "models": {"one": {"architecture": "lenet", "source": {"untrained": True}, "seeds": [1]}},
    "stimuli": {"few": {"kind": "select", "dataset": "digits", "split": "test", "per_class": 2}},
    "studies": {"one": {"apart": {"kind": "separation", "of": [{"model": "one", "stimuli": "few"}]}}},
}


@pytest.fixture
def project(tmp_path):
    """A clone, since Snakemake sends jobs what git knows; without images, which are not needed."""
    folder = tmp_path / "project"
    folder.mkdir()
    copy_project(folder)
    shutil.rmtree(folder / "resources")
    (folder / "config.yaml").write_text(yaml.safe_dump(CONFIGURATION))
    subprocess.run("git init --quiet && git add --all", shell=True, cwd=folder, check=True)
    return folder


def test_jobs_bring_everything_along_but_the_bucket(project, tmp_path):
    with object_storage() as storage, kubernetes(tmp_path) as api:
        environment = os.environ | storage.environment | {"KUBECONFIG": str(api.kubeconfig()), "OMP_NUM_THREADS": "1"}

        def run(*options: str) -> str:
            here = ["--kubernetes-namespace", NAMESPACE, "--seconds-between-status-checks", "1"]
            done = subprocess.run(
                [sys.executable, "-m", *as_printed(), *here, *options, "--", "results/stimuli/few.h5"],
                cwd=project, env=environment, capture_output=True, text=True, check=False,
            )  # fmt: skip
            logs = "".join(log.read_text()[-3000:] for log in tmp_path.glob("*/pod.log"))
            assert done.returncode == 0, done.stdout + done.stderr + logs
            return done.stdout + done.stderr

        said = run("--set-resources", "select_stimuli:gpu=1")
        made = set(storage.objects("run/"))
        assert "Nothing to be done" in run("--dry-run")
    assert "2 jobs done" in said
    assert made == {f"results/{name}" for name in ("datasets/digits.h5", "stimuli/few.h5", *_logs())}
    dataset, stimuli = map(api.container, api.jobs)
    assert dataset["resources"]["limits"] == {"cpu": "1000m", "memory": "2000M", "ephemeral-storage": "10000M"}
    on_gpu = {"cpu": "1000m", "memory": "1000M", "ephemeral-storage": "10000M", "nvidia.com/gpu": "1"}
    assert stimuli["resources"] == {"limits": on_gpu, "requests": on_gpu | {"cpu": "950m"}}
    assert f"--default-storage-prefix 's3://{BUCKET}/run' --default-storage-provider 's3'" in stimuli["args"][1]
    assert {entry["name"] for entry in stimuli["env"]} >= set(storage.environment) - {"PYTHONPATH"}
    assert "secret" not in stimuli["args"][1]


def as_printed() -> list[str]:
    """The last command of `docs/storage.md`."""
    block = re.findall(r"```bash\n(.*?)```", (ROOT / "docs/storage.md").read_text(), flags=re.DOTALL)[-1]
    return shlex.split(block.replace("BUCKET/FOLDER", f"{BUCKET}/run").splitlines()[-1])


def _logs() -> list[str]:
    return ["logs/dataset/digits.log", "logs/select_stimuli/few.log"]
