"""Files and folders that a configuration names and that are not there: the key is told before any job runs."""

import shutil
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from snakemake.exceptions import MissingInputException
from snakemake_interface_common.exceptions import ApiError

from repgeom.config.configuration import load_configuration
from repgeom.workflow.given import tell_missing

SECTIONS = {
    "datasets": {
        "faces": {"source": "folder", "path": "faces", "labels": "faces.csv", "class_column": "who"},
        "arrays": {"source": "arrays", "path": "a.npz"},
    },
    "models": {"net": {"architecture": "lenet", "source": {"path": "./w.pth"}, "seeds": [1]}},
    "stimuli": {"few": {"kind": "select", "dataset": "faces", "first": 5}},
    "data": {"it": {"rdms": "it.h5"}, "v4": {"responses": "v4 new.csv"}},
    "studies": {
        "mine": {
            "rdms": {"kind": "rdms", "of": [{"model": "net", "stimuli": "few"}]},
            "layers": {"kind": "separation", "of": [{"model": "net", "stimuli": "few"}]},
        }
    },
}
FILES = ("a.npz", "w.pth", "it.h5", "v4 new.csv")
JOB = SimpleNamespace(output=[], wildcards={}, rule=SimpleNamespace(name="some", lineno=None, snakefile=None))


class Workflow:
    """As far as the check knows it: planning fails for want of `missing`, or finds what is to be made."""

    is_main_process = True

    def __init__(self, missing=(), datasets=(), stimuli=(), analyses=()):
        made = [("dataset", {"dataset": name}) for name in datasets]
        made += [("select_stimuli", {"stimuli": name}) for name in stimuli]
        made += [("rdms_figure", {"analysis": name}) for name in analyses]
        jobs = [SimpleNamespace(rule=SimpleNamespace(name=r), wildcards=SimpleNamespace(**w)) for r, w in made]
        self.missing, self.dag = missing, SimpleNamespace(needrun_jobs=lambda: jobs)

    def _build_dag(self):
        if self.missing:
            raise MissingInputException(JOB, self.missing)
        return "built"


@pytest.fixture
def build(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in FILES:
        (tmp_path / name).touch()
    np.savez(tmp_path / "a.npz", images=np.zeros((2, 4, 4), np.uint8))
    (tmp_path / "faces.csv").write_text("file,who\n1.png,ann\n2.png,bob\n")
    (tmp_path / "faces").mkdir()
    for i in (1, 2):
        Image.new("L", (4, 4)).save(tmp_path / f"faces/{i}.png")

    def run(**found):
        workflow = Workflow(**found)
        tell_missing(workflow, load_configuration(SECTIONS))
        return workflow._build_dag()

    return run


@pytest.mark.parametrize(
    ("file", "key"),
    [
        ("a.npz", "datasets.arrays.path"),
        ("w.pth", "models.net.source.path"),
        ("it.h5", "data.it.rdms"),
        ("v4 new.csv", "data.v4.responses"),
    ],
)
def test_a_missing_file_is_told_by_its_key(file, key, build, tmp_path):
    (tmp_path / file).unlink()
    with pytest.raises(ApiError, match=rf"^configuration: {key}: no such file (\./)?{file} \(looked for in "):
        build(missing=[file])


def test_all_that_is_missing_is_told_at_once(build, tmp_path):
    for name in FILES[2:]:
        (tmp_path / name).unlink()
    shutil.rmtree(tmp_path / "faces")
    with pytest.raises(ApiError) as error:
        build(missing=["it.h5"])
    assert [line.partition(": ")[0].strip("- ") for line in str(error.value).splitlines()[1:]] == [
        "datasets.faces.path", "data.it.rdms", "data.v4.responses",
    ]  # fmt: skip


def test_folders_are_looked_at_where_a_job_reads_them(build, tmp_path):
    assert build(datasets=["faces", "arrays"]) == "built"
    shutil.rmtree(tmp_path / "faces")
    assert build() == "built"
    with pytest.raises(ApiError, match=r"datasets\.faces\.path: no such folder faces"):
        build(datasets=["faces"])


def test_images_that_cannot_be_read_are_told_before_any_job_runs(build, tmp_path):
    Image.new("L", (4, 5)).save(tmp_path / "faces/2.png")
    with pytest.raises(ApiError, match=r"datasets\.faces: faces/2\.png has \(5, 4\) pixels, .*set a size"):
        build(datasets=["faces", "arrays"])
    assert build() == "built"


def test_arrays_that_are_not_as_said_are_told_before_any_job_runs(build, tmp_path):
    np.savez(tmp_path / "a.npz", image=np.zeros((2, 4, 4), np.uint8))
    with pytest.raises(ApiError, match=r"datasets\.arrays: a\.npz: holds no array 'images'; did you mean 'image'"):
        build(datasets=["arrays"])


def test_stimuli_that_are_too_few_are_told_before_any_job_runs(build, tmp_path):
    with pytest.raises(ApiError, match=r"stimuli\.few: the first 5 images asked for, but the test split holds only 2"):
        build(datasets=["faces"], stimuli=["few"])
    for i in range(3, 6):
        Image.new("L", (4, 4)).save(tmp_path / f"faces/{i}.png")
    lines = [f"{i}.png,{who}" for i, who in enumerate(["ann"] * 5, 1)]
    (tmp_path / "faces.csv").write_text("\n".join(["file,who", *lines]))
    assert build(stimuli=["few"], analyses=["mine/rdms", "learning_dynamics/modes"]) == "built"
    with pytest.raises(
        ApiError, match=r"studies\.mine\.layers\.of: separation compares classes, and all .* are of one"
    ):
        build(analyses=["mine/layers"])


def test_what_no_key_names_is_snakemakes_to_tell(build):
    with pytest.raises(MissingInputException):
        build(missing=["results/x.h5"])
