"""`repgeom new` writes a project that is good as it stands, and only where there is nothing yet."""

import pytest
import torch

from repgeom.cli import main
from repgeom.config.configuration import load_configuration
from repgeom.config.files import read
from repgeom.errors import InputError
from repgeom.models.architectures import build_network
from repgeom.new_project import EXAMPLE, new_project


@pytest.fixture
def mine(tmp_path):
    new_project(tmp_path / "mine", "/where/repgeom lies")
    return tmp_path / "mine"


def test_the_project_is_good_and_its_studies_are_short(mine, monkeypatch):
    monkeypatch.chdir(mine)
    c = load_configuration(read("config.yaml"))
    assert list(c.analyses()) == ["mine/separation", "mine/paths", "mine/decoding", "mine/capacity"]
    networks = {network[:2] for analysis in c.analyses().values() for network in analysis.networks(c)}
    assert networks == {(f"net{channels}", seed) for channels in (4, 16, 64) for seed in (1, 2, 3)}
    text = (mine / "config.yaml").read_text()
    assert len(text[text.index("\nstudies:") :].strip().splitlines()) <= 12


def test_its_network_answers(mine, monkeypatch):
    monkeypatch.chdir(mine)
    for model in load_configuration(read("config.yaml")).models.values():
        network = build_network(model.architecture, model.options, seed=1)
        assert network(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_comments_say_where_the_workflow_lies(mine):
    text = (mine / "config.yaml").read_text()
    assert "/where/repgeom lies/docs/configuration.md" in text and "{root}" not in text
    assert (EXAMPLE / "../../docs/configuration.md").resolve().is_file()


def test_images_have_a_place_that_is_explained(mine):
    assert "train/" in (mine / "images/README.md").read_text()


def test_an_empty_folder_may_be_there(tmp_path):
    assert (tmp_path / new_project(tmp_path, "/")[0]).is_file()


def test_nothing_is_overwritten(mine):
    (mine / "config.yaml").write_text("edited")
    with pytest.raises(InputError, match=r"mine exists and is not an empty folder; name another"):
        new_project(mine, "/")
    with pytest.raises(InputError, match="is not an empty folder"):
        new_project(mine / "config.yaml", "/")
    assert (mine / "config.yaml").read_text() == "edited"


def test_a_place_that_cannot_be_written_is_told(mine):
    with pytest.raises(InputError, match="cannot be written"):
        new_project(mine / "config.yaml" / "below", "/")


def test_the_command_says_what_comes_next(tmp_path, capsys):
    assert main(["new", str(tmp_path / "my project")]) == 0
    said = capsys.readouterr().out
    assert "config.yaml" in said and f"--directory '{tmp_path}/my project'" in said
    assert main(["check", "--directory", str(tmp_path / "my project")]) == 0
    assert "good: 1 dataset, 3 models, 1 stimulus set; studies mine" in capsys.readouterr().out
    assert main(["check", "--directory", str(tmp_path / "nowhere")]) == 1
    assert "nowhere: no such folder" in capsys.readouterr().err
