"""What lets Snakemake plan thousands of jobs sooner."""

import functools
from weakref import WeakKeyDictionary

import snakemake.api  # before `snakemake.dag`, which cannot be the first to be imported
import snakemake.common
import snakemake.dag
import snakemake.jobs
import snakemake.rules
import snakemake.sourcecache
from snakemake.dag import DAGProcessorBase
from snakemake.jobs import Job
from snakemake.settings.types import Quietness

_ASKED_AGAIN = {
    "get_function_params": (snakemake.common, snakemake.jobs, snakemake.rules),
    "parse_uri": (snakemake.sourcecache,),
}
"""Functions of `snakemake.common` that give the same answer each time → the modules that ask them for every job."""
_REMEMBERED = {name: functools.cache(getattr(snakemake.common, name)) for name in _ASKED_AGAIN}
_look_for_script = snakemake.dag.ScriptProcessor.process_job
_work_out_environment = Job.conda_env_spec.fget
_tell = Job.log_info
_LOOKED: WeakKeyDictionary[DAGProcessorBase, set] = WeakKeyDictionary()
"""For which rules somebody has looked whether their scripts are there."""


def remember_answers(workflow: object) -> None:
    """Let Snakemake work out once, and not for every job, what is the same for all jobs, or for all jobs of a rule.

    What parameters a function has and what an address means; whether the script of a rule is there, and what its conda
    environment is (a rule here has one of each). A dry run that is not to list jobs is not told of each.
    """
    for name, modules in _ASKED_AGAIN.items():
        for module in modules:
            setattr(module, name, _REMEMBERED[name])
    snakemake.dag.ScriptProcessor.process_job = _look_once
    Job.conda_env_spec = property(_environment)
    Job.log_info = _say_nothing if _lists_no_jobs(workflow) else _tell


def _look_once(processor: DAGProcessorBase, job: Job) -> None:
    """Whether the script of a rule is there, asked for the first of its jobs."""
    looked = _LOOKED.setdefault(processor, set())
    if job.rule not in looked:
        _look_for_script(processor, job)
        looked.add(job.rule)


def _environment(job: Job) -> object:
    known = job.rule._expanded_conda_env
    return _work_out_environment(job) if known is snakemake.rules._NOT_CACHED else known


def _lists_no_jobs(workflow: object) -> bool:
    settings = workflow.output_settings
    return settings.dryrun and bool({Quietness.RULES, Quietness.ALL} & set(settings.quiet or ()))


def _say_nothing(job: Job, indent: bool = False, printshellcmd: bool = True) -> None:
    pass
