"""What the page of all results is told: figures, differences from the default, costs; and the file to send."""

import os
import re
import zipfile
from pathlib import Path

import pytest
from test_plan import OF, decoding, plan

from repgeom.config.analyses import KINDS
from repgeom.config.differences import ABSENT, differences
from repgeom.store.zip import write_zip
from repgeom.workflow import artifacts
from repgeom.workflow.costs import cost_of, machine
from repgeom.workflow.index import captions, configuration_shown, figures_shown

ROOT = Path(__file__).parents[2]


def test_differences_are_told_key_by_key_and_lists_as_a_whole():
    before = {"a": 1, "b": {"c": [1, 2], "d": 3}, "gone": {"x": 1}, "null": None}
    after = {"a": 1, "b": {"c": [1], "d": 3, "e": 4}}
    assert [tuple(d) for d in differences(before, after)] == [
        ("b.c", [1, 2], [1]), ("b.e", ABSENT, 4), ("gone", {"x": 1}, ABSENT)
    ]  # fmt: skip
    assert list(differences(before, before)) == []


def test_every_figure_is_shown_with_its_files():
    p = plan(a=decoding(), r={"kind": "reproduction", "references": "paths", "of": [{"analysis": "a"}]},
             p={"kind": "paths", "of": OF, "title": "a title"})  # fmt: skip
    shown = {figure["analysis"]: figure for figure in figures_shown(p)}
    assert list(shown) == ["mine/a", "mine/p"]
    assert (shown["mine/p"]["kind"], shown["mine/p"]["title"]) == ("paths", "a title")
    assert set(shown["mine/p"]["files"].values()) == {
        "results/figures/mine/p.png", "results/figures/mine/p.pdf", "results/tables/mine/p.csv",
        "results/pages/mine/p.html", "results/tables/mine/p_numbers.csv",
    }  # fmt: skip
    assert {file for figure in shown.values() for file in figure["files"].values()} <= set(p.made())
    assert set(captions(ROOT, list(shown.values()))) == {"decoding", "paths"}


@pytest.mark.parametrize("kind", [kind for kind, section in KINDS.items() if section.has_figure])
def test_every_second_table_that_a_kind_names_is_written_by_its_script(kind):
    script = (ROOT / f"scripts/{kind}_figure.py").read_text()
    assert set(re.findall(r"job\.output\.(means|numbers)", script)) == set(KINDS[kind].tables)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_configuration_laid_over_the_default_one_is_told_by_its_differences(elsewhere):
    from repgeom.config.files import merged, read

    default = read(ROOT / "config.yaml")
    assert configuration_shown(ROOT, default) == {"own": False, "differences": [], "configuration": default}
    quick = configuration_shown(ROOT, merged([ROOT / "config.yaml", ROOT / "configs/quick.yaml"]))
    assert {"key": "device", "default": "auto", "here": "cpu"} in quick["differences"]


def test_a_configuration_of_its_own_stands_alone(elsewhere):
    (elsewhere / "config.yaml").write_text("device: cpu\n")
    assert configuration_shown(ROOT, {"device": "cpu"}) == {
        "own": True, "differences": [], "configuration": {"device": "cpu"}
    }  # fmt: skip
    os.chdir(ROOT)
    assert not configuration_shown(ROOT, {})["own"]


def test_costs_are_those_of_the_last_run_of_each_job(tmp_path):
    logs = [tmp_path / name for name in "abc"]
    logs[0].write_text("10:00:00 took 1.5 s, CPU time 0.5 s, peak memory 100 MB\n")
    logs[1].write_text(
        "10:00:00 took 9.0 s, CPU time 0.5 s, peak memory 900 MB\n10:01:00 took 2.5 s, CPU time 0.5 s, peak memory 300 MB\n"
    )
    logs[2].write_text("10:00:00 still at work\n")
    assert cost_of(logs) == (2, 4.0, 300)
    assert cost_of([]) == (0, 0, 0)


def test_the_machine_is_told():
    assert f"{os.cpu_count()} cores" in machine()


def test_the_file_to_send_holds_the_files_and_always_the_same_bytes(tmp_path):
    (tmp_path / "pages").mkdir()
    files = [tmp_path / "index.html", tmp_path / "pages/a.html"]
    for file in files:
        file.write_text(file.name)
    for name in ("one.zip", "two.zip"):
        write_zip(tmp_path / name, tmp_path, [*files, files[0]])
        os.utime(files[0], (1, 1))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert archive.namelist() == ["index.html", "pages/a.html"] and archive.testzip() is None
        assert archive.read("pages/a.html") == b"a.html"


def test_the_index_lies_beside_what_it_links_to():
    folder = Path(artifacts.INDEX).parent
    assert Path(artifacts.SHARE).parent == folder
    assert all(Path(t).is_relative_to(folder) for t in (artifacts.FIGURE_PNG, artifacts.TABLE, artifacts.PAGE))
