"""What tables of reproduction read, in the default configuration and in changed ones."""

import copy
from pathlib import Path

import pytest

from repgeom.cli import merged_configuration
from repgeom.config.configuration import load_configuration
from repgeom.datasets.digits import load_digits
from repgeom.datasets.letters import draw_letters
from repgeom.datasets.sources import load_dataset
from repgeom.errors import InputError
from repgeom.workflow.plan import Plan
from repgeom.workflow.references import read_references
from repgeom.workflow.reproductions import numbers_read, references_of_analyses, source_of_images

ROOT = Path(__file__).parents[2]


def raw(*files):
    return copy.deepcopy(merged_configuration([str(ROOT / "configs" / file) for file in files]))


def plan_of(configuration):
    return Plan(load_configuration(configuration))


@pytest.fixture(scope="module")
def plan():
    return plan_of(raw())


def test_tables_of_figures_are_read_and_of_paths_their_numbers(plan):
    tables = [about["table"] for about in numbers_read(plan, "paths/reproduction")]
    assert tables[0] == "results/tables/paths/path_clean_numbers.csv"
    assert tables[-1] == "results/tables/paths/history.csv"


def test_only_what_a_kind_needs_is_told(plan):
    history, accuracy = numbers_read(plan, "robustness/reproduction")
    assert history["n_test"] == {"standard": 2000, "adversarial": 2000} and "stimuli" not in history
    assert accuracy["stimuli"]["test5_fgsm"] == "attacked" and "n_test" not in accuracy
    assert accuracy["every"] and not history["every"]


def test_numbers_of_test_images_are_those_of_the_datasets(plan):
    assert plan.c.n_tested("standard") == len(load_dataset({"source": "mnist-10k"}, "")["test"].labels)
    assert plan_of(raw("quick.yaml")).c.n_tested("standard") == len(load_digits()["test"].labels)
    letters = raw()
    letters["datasets"]["letters"] = {"source": "letters", "test_per_class": 3}
    letters["models"]["standard"]["dataset"] = "letters"
    assert plan_of(letters).c.n_tested("standard") == len(draw_letters(1, 3, 0)["test"].labels)
    clutter = raw()
    clutter["models"]["rcnn"]["training"]["validation"] = 77
    assert plan_of(clutter).c.n_tested("rcnn") == 77


def test_images_are_named_by_their_source(plan):
    assert source_of_images(plan.c, ["standard"], ["test5_fgsm"]) == "mnist-10k"
    assert source_of_images(plan.c, ["rcnn"], []) == "mnist-10k and fashion-mnist-10k, not as published"
    both = source_of_images(plan.c, ["standard", "rcnn"], ["test5", "cluttered"])
    assert both == "mnist-10k, mnist-10k and fashion-mnist-10k, not as published"


def test_references_of_analyses_of_other_swaps_are_no_references(plan):
    def redefined(configuration):
        rows = references_of_analyses(ROOT, plan_of(configuration))["recurrence/reproduction"]
        return [r for r in rows if r["measure"].startswith("functional") and r["variable"] in ("scale", "orientation")]

    as_published = raw()
    as_published["studies"]["recurrence"]["importance_rcnn"]["swaps"] = "as_published"
    assert len(redefined(raw())) == 0 and len(redefined(as_published)) == 24
    without_swaps = raw()
    without_swaps["studies"]["recurrence"]["reproduction"]["references"] = "robustness"
    rows = references_of_analyses(ROOT, plan_of(without_swaps))["recurrence/reproduction"]
    assert rows == read_references(ROOT, "robustness")


def test_references_are_numbers_with_a_source():
    for study in ("robustness", "paths", "manifolds", "learning_dynamics", "recurrence"):
        rows = read_references(ROOT, study)
        assert all(isinstance(row["reference"], float) and row["source"] for row in rows)
        assert len({(row["quantity"], row["dataset"]) for row in rows}) == len(rows) > 0


def test_missing_references_are_told(tmp_path):
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources/reference_robustness.csv").write_text("quantity,dataset,value\n")
    with pytest.raises(InputError, match=r"no file .*reference_robust\.csv; write .* or did you mean 'robustness'\?"):
        read_references(tmp_path, "robust")
    with pytest.raises(InputError, match=r"has no column 'reference'; it needs quantity, dataset, reference, source"):
        read_references(tmp_path, "robustness")
    mine = raw()
    mine["studies"]["robustness"]["reproduction"]["references"] = "mine"
    with pytest.raises(InputError, match=r"configuration: studies\.robustness\.reproduction\.references: no file"):
        references_of_analyses(ROOT, plan_of(mine))


def test_analyses_without_numbers_are_refused():
    graph = raw()
    graph["studies"]["robustness"]["reproduction"]["of"].append({"analysis": "graph"})
    with pytest.raises(InputError, match=r"reproduction\.of\.2\.analysis: graph has no numbers to compare; name an"):
        load_configuration(graph)
    removed = raw()
    removed["studies"]["robustness"]["accuracy"] = None
    with pytest.raises(InputError, match=r"of\.1\.analysis: no such name 'accuracy'.*or remove reproduction, too"):
        load_configuration(removed)


def test_learning_dynamics_has_its_figures_its_page_and_its_numbers(plan):
    targets = plan.targets("learning_dynamics")
    assert "results/pages/learning_dynamics/rsm.html" in targets and len(targets) == 9
    assert plan.reproductions()[-1] == targets[-1] == "results/tables/learning_dynamics/reproduction.csv"
    without = raw()
    without["studies"]["learning_dynamics"] = None
    assert len(plan_of(without).reproductions()) == len(plan.reproductions()) - 1
