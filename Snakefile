"""repgeom: from datasets to the representational geometry of networks, as one graph."""

from pathlib import Path

from snakemake.utils import min_version

min_version("9.20")

OWN = Path("config.yaml")
AS_MODULE = not workflow.modifier.is_main_snakefile()


# A folder with a configuration of its own is a project of its own; one whose Snakefile takes rules from here is another's.
configfile: OWN if OWN.is_file() and not AS_MODULE else workflow.source_path("config.yaml")


include: "rules/common.smk"
include: "rules/templates.smk"
include: "rules/data.smk"
include: "rules/training.smk"
include: "rules/activations.smk"
include: "rules/rdms.smk"
include: "rules/images.smk"
include: "rules/accuracy.smk"
include: "rules/networks.smk"
include: "rules/geometry.smk"
include: "rules/capacity.smk"
include: "rules/metamers.smk"
include: "rules/decoding.smk"
include: "rules/recurrence.smk"
include: "rules/learning_dynamics.smk"
include: "rules/reproduction.smk"
include: "rules/studies.smk"


onstart:
    begin_run()


rule all:
    default_target: True
    input:
        [PLAN.targets(study) for study in CONFIG.study_names()],
        artifacts.REPRODUCTION if PLAN.reproductions() else [],
    localrule: True
