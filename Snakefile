"""repgeom: from datasets to the representational geometry of networks, as one graph."""


configfile: workflow.source_path("config.yaml")


include: "rules/common.smk"
include: "rules/sources.smk"
include: "rules/runs.smk"
include: "rules/data.smk"
include: "rules/training.smk"
include: "rules/activations.smk"
include: "rules/rdms.smk"
include: "rules/robustness.smk"
include: "rules/paths.smk"
include: "rules/manifolds.smk"
include: "rules/learning_dynamics.smk"
include: "rules/recurrence.smk"
include: "rules/reproduction.smk"


onstart:
    begin_run()


rule all:
    default_target: True
    input:
        targets(),
    localrule: True
