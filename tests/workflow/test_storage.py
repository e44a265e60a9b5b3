"""Results and cache in object storage: nothing half-done there, nothing stale, and what is damaged is told by its address."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from object_storage import BUCKET, PATIENCE_S, Storage, boto3, kill, object_storage
from project import ROOT

from repgeom.errors import InputError
from repgeom.workflow.storage import require_bucket

RUN, CACHE = "run/results/", f"s3://{BUCKET}/cache"
UNTRAINED = {"untrained": True}
NETWORK = """
import torch

class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 2, 3)
        self.fc2 = torch.nn.Linear({features}, 10)

    def forward(self, x):
        return self.fc2(torch.relu(self.conv1(x)).flatten(1))
"""
"""One that fits the images of 28×28 pixels with 1352 features, and fails with others."""


def separation(model: str) -> dict:
    of = [{"model": model, "stimuli": "few", "nodes": ["conv1", "fc2"]}]
    return {"kind": "separation", "measure": "euclidean", "of": of}


CONFIGURATION = {
    "datasets": {"digits": {"source": "digits"}},
    "models": {
        "theirs": {"architecture": "lenet", "source": UNTRAINED, "seeds": [1]},
        "mine": {"architecture": "net.py:Net", "source": UNTRAINED, "seeds": [1]},
    },
    "stimuli": {"few": {"kind": "select", "dataset": "digits", "split": "test", "per_class": 2}},
    "studies": {"both": {"theirs": separation("theirs"), "mine": separation("mine")}},
}
TARGETS = [*(f"results/figures/both/{model}.png" for model in ("theirs", "mine")), "results/index.html"]


class Runs:
    """Runs in a folder, whose results lie in a bucket."""

    def __init__(self, storage: Storage, folder: Path, prefix: str = "run", targets: Sequence[str] = TARGETS):
        self.storage, self.folder, self.prefix, self.targets = storage, folder, prefix, targets
        folder.mkdir()
        (folder / "config.yaml").write_text(yaml.safe_dump(CONFIGURATION))

    def start(self, *options: str, profile: str = "s3", **environment: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "1"]
        to_bucket = ["--default-storage-prefix", f"s3://{BUCKET}/{self.prefix}", "--storage-s3-retries", "1"]
        return subprocess.Popen(
            [*command, "--workflow-profile", str(ROOT / "profiles" / profile), *(to_bucket if profile == "s3" else []),
             *options, "--", *self.targets],
            cwd=self.folder, text=True, start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=os.environ | self.storage.environment | {"OMP_NUM_THREADS": "1"} | environment,
        )  # fmt: skip

    def run(self, *options: str, status: int = 0, **arguments: str) -> str:
        """What snakemake says until its end, with the status that is expected."""
        process = self.start(*options, **arguments)
        said = process.communicate(timeout=600)[0]
        assert process.returncode == status, said
        return said

    def done(self, *options: str, **arguments: str) -> list[str]:
        """The jobs that a run which ends well tells of, without numbers."""
        lines = [line for line in self.run(*options, **arguments).splitlines() if line.startswith("[")]
        return [line.partition("] ")[2].partition(" · ")[0] for line in lines]


@pytest.fixture(scope="module")
def storage():
    with object_storage() as storage:
        yield storage


@pytest.fixture(scope="module")
def finished(storage, tmp_path_factory) -> Runs:
    """A run through faults: a rule that fails, an upload that is cut, and snakemake killed during an upload."""
    runs = Runs(storage, tmp_path_factory.mktemp("storage") / "run")
    _a_rule_fails_and_an_upload_is_cut(runs)
    _snakemake_is_killed_during_an_upload(runs)
    missing = _jobs_missing(set(storage.objects(RUN)))
    assert {"rdms euclidean mine seed 1 few", "figure both/mine"} <= missing
    assert set(runs.done()) == missing | {"index"}
    return runs


def _jobs_missing(made: set[str]) -> set[str]:
    """What has still to run of the last three steps, the others being done."""
    steps = {
        "rdms euclidean {} seed 1 few": r"rdms/euclidean/{}/.*\.h5",
        "separation {} seed 1 few": r"measures/separation/{}/.*\.csv",
        "figure both/{}": r"figures/both/{}\.png",
    }
    models = ("mine", "theirs")
    return {
        job.format(model)
        for job, name in steps.items()
        for model in models
        if not any(re.fullmatch(name.format(model), key) for key in made)
    }


def _a_rule_fails_and_an_upload_is_cut(runs: Runs) -> None:
    (runs.folder / "net.py").write_text(NETWORK.format(features=72))
    line = runs.storage.line
    line.cut = b"/run/results/rdms/euclidean/theirs/"
    said = runs.run("--cache", status=1, SNAKEMAKE_OUTPUT_CACHE=CACHE)
    assert line.reached.is_set()
    assert "FAILED activations mine seed 1 few" in said and "shapes cannot be multiplied" in said
    assert f"log: s3://{BUCKET}/{RUN}logs/activations/mine/seed1/last/few.log" in said
    assert f"Failed to store output in storage s3://{BUCKET}/{RUN}rdms/euclidean/theirs/seed1/last/few.h5" in said
    assert "Storing" not in said and "Finished" not in said  # which the plugin says of each file
    made = set(filter(is_result, runs.storage.objects(RUN)))
    network = {"weights.safetensors", "history.csv", "history.csv-metadata.json"}
    of_network = {f"models/{model}/seed1/{name}" for model in ("mine", "theirs") for name in network}
    shown = {f"{folder}/theirs/seed1/last/few.zarr.zip" for folder in ("activations", "coordinates")}
    assert made == {"datasets/digits.h5", "stimuli/few.h5"} | of_network | shown
    line.cut = None
    line.reached.clear()


def _snakemake_is_killed_during_an_upload(runs: Runs) -> None:
    (runs.folder / "net.py").write_text(NETWORK.format(features=1352))
    line = runs.storage.line
    line.hold = b"/run/results/rdms/euclidean/mine/"
    process = runs.start()
    assert line.reached.wait(PATIENCE_S)
    kill(process)
    process.stdout.close()
    line.hold = None
    made = runs.storage.objects(RUN)
    assert "coordinates/mine/seed1/last/few.zarr.zip" in made
    assert [name for name in made if name.startswith("rdms/euclidean/mine")] == []


def is_result(name: str) -> bool:
    """And no log, measurement of a job or note of a run, nor the page that tells how long it took."""
    return not name.startswith(("logs/", "benchmarks/", ".", "index.html", "share.zip"))


def test_objects_hold_what_files_would(finished, tmp_path):
    here = Runs(finished.storage, tmp_path / "here")
    shutil.copy2(finished.folder / "net.py", here.folder)
    here.run(profile="default")
    results = here.folder / "results"
    files = {str(path.relative_to(results)): path.read_bytes() for path in results.rglob("*") if path.is_file()}
    objects = finished.storage.objects(RUN)
    assert sorted(filter(is_result, objects)) == sorted(filter(is_result, files)) != []
    assert [name for name in filter(is_result, objects) if objects[name] != files[name]] == []
    assert b'href="figures/both/theirs.pdf"' in objects["index.html"]


def test_another_machine_knows_what_is_stale(finished, tmp_path):
    """Without Snakemake's notes, objects say what made them; with notes, those that another machine has made since."""
    elsewhere = Runs(finished.storage, tmp_path / "elsewhere")
    shutil.copy2(finished.folder / "net.py", elsewhere.folder)
    assert "Nothing to be done" in as_printed(elsewhere)
    configuration = yaml.safe_load((elsewhere.folder / "config.yaml").read_text())
    configuration["studies"]["both"]["theirs"]["title"] = "Another title"
    (elsewhere.folder / "config.yaml").write_text(yaml.safe_dump(configuration))
    for runs in (elsewhere, finished):
        assert runs.done() == ["figure both/theirs", "index"]


def as_printed(runs: Runs) -> str:
    """What the first commands of `docs/storage.md` say, of which the last plans."""
    block = re.search(
        r"```bash\npip install[^\n]*\n(.*? -n) ", (ROOT / "docs/storage.md").read_text(), flags=re.DOTALL
    )[1]
    told = {
        "https://s3.example.org": runs.storage.environment["SNAKEMAKE_STORAGE_S3_ENDPOINT_URL"],
        "s3://BUCKET/FOLDER": f"s3://{BUCKET}/{runs.prefix}",
        "profiles/s3": str(ROOT / "profiles/s3"),
        "\nsnakemake ": f"\n{sys.executable} -m snakemake --snakefile {ROOT / 'Snakefile'} ",
    }
    for printed, here in told.items():
        assert printed in block
        block = block.replace(printed, here)
    done = subprocess.run(
        ["bash", "-ec", block], cwd=runs.folder, capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": runs.storage.environment["PYTHONPATH"]},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_damaged_object_is_named_and_made_again_once_it_is_removed(finished):
    before = finished.storage.objects(RUN)
    (table,) = (name for name in before if name.startswith("measures/separation/theirs/") and name.endswith(".csv"))
    finished.storage.remove(f"{RUN}figures/both/theirs.png")
    finished.storage.damage(RUN + table)
    said = finished.run(status=1)
    assert said.count(f"s3://{BUCKET}/{RUN}{table}: damaged (") == 2  # as the job ends, and in the account of it
    assert "delete it, and the next run of snakemake makes it again" in said and ".snakemake/storage" not in said
    finished.storage.remove(RUN + table)
    assert finished.done() == ["separation theirs seed 1 few", "figure both/theirs", "index"]
    after = finished.storage.objects(RUN)
    assert {name for name in filter(is_result, after) if after[name] != before[name]} == set()


def test_a_cache_in_the_bucket_saves_the_work(finished, tmp_path):
    other = Runs(finished.storage, tmp_path / "other", "other", TARGETS[:1])
    shutil.copy2(finished.folder / "net.py", other.folder)
    other.run("--cache", "--until", "coordinates", SNAKEMAKE_OUTPUT_CACHE=CACHE)
    objects = finished.storage.objects("other/results/")
    key = "activations/theirs/seed1/last/few"
    assert objects[f"{key}.zarr.zip"] == finished.storage.read(f"{RUN}{key}.zarr.zip")
    assert objects[f"logs/{key}.log"] == b""


# -- what is told before a run

SOMEBODY = {"aws_access_key_id": "somebody", "aws_secret_access_key": "secret"}


@pytest.fixture
def nobody_known(monkeypatch, tmp_path):
    """No credentials of whoever runs the tests."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def client(**about):
    """One whose server is not there."""
    from botocore.config import Config

    quickly = Config(retries={"max_attempts": 1}, connect_timeout=5)
    return boto3.session.Session().client(
        "s3", endpoint_url="http://127.0.0.1:1", region_name="us-east-1", config=quickly, **about
    )


def test_missing_credentials_are_told(nobody_known):
    with pytest.raises(InputError, match=r"s3://mine at http://127.0.0.1:1: no credentials; set .*_ACCESS_KEY"):
        require_bucket(client(), "mine")


def test_an_address_where_nobody_answers_is_told():
    with pytest.raises(InputError, match=r"s3://mine at .*: nobody answers \(.*\); see .*_ENDPOINT_URL"):
        require_bucket(client(**SOMEBODY), "mine")


class Answering:
    """A client whose server answers with an error."""

    def __init__(self, code: str):
        self.code, self.meta = code, client(**SOMEBODY).meta

    def head_bucket(self, Bucket: str) -> None:
        from botocore.exceptions import ClientError

        raise ClientError({"Error": {"Code": self.code}}, "HeadBucket")


def test_refused_access_is_told_and_a_new_bucket_is_not():
    with pytest.raises(InputError, match=r"access refused \(403\)"):
        require_bucket(Answering("403"), "mine")
    require_bucket(Answering("404"), "mine")
