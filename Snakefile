"""repgeom: from datasets to the representational geometry of networks, as one graph."""


configfile: workflow.source_path("config.yaml")


from repgeom.workflow.slurm import (
    cancel_leftover_jobs,
    keep_jobs_while_controller_is_away,
)

keep_jobs_while_controller_is_away()


onstart:
    cancel_leftover_jobs()


include: "rules/common.smk"
include: "rules/data.smk"
include: "rules/training.smk"
include: "rules/activations.smk"
include: "rules/rdms.smk"
include: "rules/robustness.smk"
include: "rules/paths.smk"
include: "rules/manifolds.smk"
include: "rules/learning_dynamics.smk"
include: "rules/reproduction.smk"


rule all:
    default_target: True
    input:
        targets(),
    localrule: True
