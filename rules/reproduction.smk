# Published numbers beside ours: tables that read those of other analyses of their study.
#   results/tables/{study}/{analysis}.csv

from repgeom.workflow.reproductions import numbers_read, references_of_analyses

try:
    REFERENCES = references_of_analyses(ROOT, PLAN)
except InputError as error:
    raise WorkflowError(str(error))


use rule figure as reproduction_table with:
    input:
        tables=lambda w: [about["table"] for about in numbers_read(PLAN, w.analysis)],
    wildcard_constraints:
        analysis=PLAN.of_kind("reproduction"),
    group:
        together("summaries")
    params:
        **runs("reproduction.py"),
        study=lambda w: w.analysis.split("/")[0],
        numbers=lambda w: numbers_read(PLAN, w.analysis),
        references=lambda w: REFERENCES[w.analysis],
