"""What Snakemake is told once instead of for every job."""

import importlib
from types import SimpleNamespace

import pytest
from snakemake.settings.types import Quietness

from repgeom.workflow import planning

dag, jobs, rules = planning.snakemake.dag, planning.snakemake.jobs, planning.snakemake.rules


@pytest.fixture
def asked(monkeypatch):
    """Remembered answers, until the test ends."""
    for name, modules in planning._ASKED_AGAIN.items():
        for module in modules:
            monkeypatch.setattr(module, name, getattr(module, name))
    for owner, name in ((dag.ScriptProcessor, "process_job"), (jobs.Job, "conda_env_spec"), (jobs.Job, "log_info")):
        monkeypatch.setattr(owner, name, owner.__dict__[name])
    planning.remember_answers(workflow())


def workflow(dryrun=True, quiet=None):
    return SimpleNamespace(output_settings=SimpleNamespace(dryrun=dryrun, quiet=quiet))


def job_of(rule):
    """A job that says how often its params are asked for, which takes long."""

    class Job(jobs.Job):
        asked = 0
        params = property(lambda self: setattr(self, "asked", self.asked + 1))

        def __init__(self):
            self.rule, self.wildcards_dict, self._conda_env_spec = rule, {}, None
            self.input = []

    return Job()


@pytest.mark.parametrize("name", planning._ASKED_AGAIN)
def test_snakemake_has_these_functions_where_they_are_replaced(name):
    for module in planning._ASKED_AGAIN[name]:
        assert getattr(importlib.import_module(module.__name__), name)


def test_parameters_of_a_function_are_worked_out_once(asked):
    class Function:
        looked = 0

        @property
        def __signature__(self):
            Function.looked += 1
            raise AttributeError

        def __call__(self, wildcards, attempt):
            pass

    function = Function()
    found = [list(rules.get_function_params(function)) for _ in range(3)]
    assert found == [["wildcards", "attempt"]] * 3
    assert Function.looked == 1


def test_two_functions_keep_their_own_parameters(asked):
    assert list(rules.get_function_params(lambda w: w)) == ["w"]
    assert list(rules.get_function_params(lambda wildcards, threads: threads)) == ["wildcards", "threads"]


def test_addresses_mean_what_they_meant(asked):
    from snakemake import common, sourcecache

    for address in ("/a folder/Snakefile", "https://example.org/Snakefile", "git+file:///somewhere/else"):
        for _ in range(2):
            assert tuple(sourcecache.parse_uri(address)) == tuple(common.parse_uri(address))


def test_the_environment_of_a_rule_is_worked_out_for_its_first_job(asked):
    class Rule:
        _expanded_conda_env = rules._NOT_CACHED

        def expand_conda_env(self, wildcards, params, given):
            self._expanded_conda_env = "the environment"
            return self._expanded_conda_env

    rule = Rule()
    some = [job_of(rule) for _ in range(3)]
    assert [job.conda_env_spec for job in some] == ["the environment"] * 3
    assert [job.asked for job in some] == [1, 0, 0]


def test_the_script_of_each_rule_is_looked_for_once_and_by_every_run(asked, monkeypatch):
    looked = []
    monkeypatch.setattr(planning, "_look_for_script", lambda processor, job: looked.append(job.rule))
    for _ in range(2):
        processor = dag.ScriptProcessor(None)
        for rule in ("a", "a", "b", "a"):
            processor.process_job(job_of(rule))
    assert looked == ["a", "b"] * 2


@pytest.mark.parametrize(
    "dryrun, quiet, told",
    [(True, {Quietness.RULES}, False), (True, {Quietness.ALL}, False), (True, None, True), (False, {Quietness.RULES}, True),
     (True, {Quietness.PROGRESS}, True)],
)  # fmt: skip
def test_only_a_dry_run_that_is_to_list_no_jobs_is_told_of_none(asked, dryrun, quiet, told):
    planning.remember_answers(workflow(dryrun, quiet))
    assert (jobs.Job.log_info is planning._tell) is told
