# Published numbers beside ours: tables that read those of other analyses of their study.
#   results/tables/{study}/{analysis}.csv

from repgeom.workflow.reproductions import numbers_read, references_of_analyses

try:
    REFERENCES = references_of_analyses(ROOT, PLAN)
except InputError as error:
    raise WorkflowError(str(error))


rule reproduction_table:
    input:
        tables=lambda w: [about["table"] for about in numbers_read(PLAN, w.analysis)],
    output:
        table=artifacts.TABLE,
    log:
        artifacts.log("figures/{analysis}"),
    wildcard_constraints:
        analysis=PLAN.of_kind("reproduction"),
    group:
        together("summaries")
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=grow(30),
    params:
        **code("reproduction.py"),
        study=lambda w: w.analysis.split("/")[0],
        numbers=lambda w: numbers_read(PLAN, w.analysis),
        references=lambda w: REFERENCES[w.analysis],
    script:
        "../scripts/reproduction.py"


rule reproduction:
    input:
        tables=PLAN.reproductions(),
    output:
        table=artifacts.REPRODUCTION,
    log:
        artifacts.log("reproduction"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        **code("reproduction_of_all_studies.py"),
    script:
        "../scripts/reproduction_of_all_studies.py"
