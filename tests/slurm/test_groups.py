"""Groups of jobs, as a dry run lists them; no cluster is needed."""

import re

import pytest
from conftest import REPOSITORY
from count_jobs import dry_run, submitted_jobs, widest_group

CPUS_OF_A_SMALL_NODE = 4
CONFIGURATIONS = {"default": [], "quick": ["--configfile", str(REPOSITORY / "configs" / "quick.yaml")]}


@pytest.fixture(scope="module", params=CONFIGURATIONS)
def listed(request, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp(request.param)
    return dry_run(f"--snakefile={REPOSITORY / 'Snakefile'}", f"--directory={folder}", *CONFIGURATIONS[request.param])


def test_no_group_asks_for_more_than_a_small_node_has(listed):
    """SLURM refuses such jobs, and the run fails only when it comes to them."""
    assert 1 < widest_group(listed) <= CPUS_OF_A_SMALL_NODE


def test_groups_make_fewer_submissions(listed):
    ungrouped, grouped = submitted_jobs(listed)
    assert grouped < ungrouped / 2


def test_measured_data_go_to_the_cluster_like_everything_else(listed):
    """What joins networks in groups with other figures; what is computed of one network, or imported, by itself."""
    for rule in ("inference_figure", "encoding_figure", "similarity_figure"):
        assert re.search(rf"^ +rule {rule}:$", listed, flags=re.MULTILINE), rule
    for rule in ("simulate_responses", "measured_rdms", "inference", "encoding"):
        assert re.search(rf"^rule {rule}:$", listed, flags=re.MULTILINE), rule


def test_jobs_that_follow_from_one_another_are_not_side_by_side():
    """Three jobs, of which two wait for the first."""
    jobs = [("first", "a", "b"), ("second", "b", "c"), ("third", "b, a", "d")]
    lines = "".join(f"    rule {n}:\n        input: {i}\n        output: {o}\n" for n, i, o in jobs)
    assert widest_group(f"[now] Group job g (jobs in lexicogr. order):\n\n{lines}[now]\nrule last:\n") == 2
