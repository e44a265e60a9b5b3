# A rule for each study: `snakemake robustness` makes what its analyses draw. And what is asked for is checked.

from repgeom.workflow.recorded import ask_artifacts
from repgeom.workflow.targets import check_before_planning, check_study_names

OTHER_RULES = ["all", "reproduction", *(r.name for r in workflow.rules)]

try:
    check_study_names(CONFIG.study_names(), OTHER_RULES)
except InputError as error:
    raise WorkflowError(str(error))

check_before_planning(workflow, PLAN.made())
ask_artifacts(workflow)

for STUDY in CONFIG.study_names():

    rule:
        name:
            STUDY
        input:
            PLAN.targets(STUDY),
        localrule: True


rule reproduction:
    input:
        tables=PLAN.reproductions(),
    output:
        table=artifacts.REPRODUCTION,
    log:
        artifacts.log("reproduction"),
    conda:
        "../envs/analyse.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        **code("reproduction_of_all_studies.py"),
    script:
        "../scripts/reproduction_of_all_studies.py"
