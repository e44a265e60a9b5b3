"""repgeom: from datasets to the representational geometry of networks, as one graph."""

import os
from pathlib import Path

from repgeom.workflow.allocation import keep_freed_memory
from repgeom.workflow.stopped import stop_in_one_line

if workflow.is_main_process:
    stop_in_one_line(workflow)

from repgeom.config.files import refuse_repeated_keys
from repgeom.errors import InputError
from repgeom.workflow.terminal import speak_plainly
from snakemake.exceptions import WorkflowError
from snakemake.utils import min_version

min_version("9.20")
keep_freed_memory(os.environ)
speak_plainly(workflow, Path(str(workflow.current_basedir)) / "Snakefile")

AS_MODULE = not workflow.modifier.is_main_snakefile()
OWN = [] if AS_MODULE or not Path("config.yaml").is_file() else [Path("config.yaml")]
try:
    refuse_repeated_keys(OWN)  # before Snakemake reads it, which runs expressions in it
except InputError as error:
    raise WorkflowError(str(error))


# A folder with a configuration of its own is a project of its own; one whose Snakefile takes rules from here is another's.
configfile: OWN[0] if OWN else workflow.source_path("config.yaml")


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/data.smk"
include: "rules/training.smk"
include: "rules/activations.smk"
include: "rules/rdms.smk"
include: "rules/measured.smk"
include: "rules/measures.smk"
include: "rules/figures.smk"
include: "rules/learning_dynamics.smk"
include: "rules/pages.smk"
include: "rules/templates.smk"
include: "rules/reproduction.smk"
include: "rules/index.smk"
include: "rules/studies.smk"


onstart:
    begin_run()


rule all:
    default_target: True
    input:
        [PLAN.targets(study) for study in CONFIG.study_names()],
        artifacts.REPRODUCTION if PLAN.reproductions() else [],
        artifacts.INDEX,
    localrule: True
