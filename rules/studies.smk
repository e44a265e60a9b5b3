# A rule for each study: `snakemake robustness` makes what its analyses draw. And what is asked for is checked.

from repgeom.workflow.given import tell_missing
from repgeom.workflow.recorded import ask_artifacts
from repgeom.workflow.targets import check_before_planning, check_study_names

NAMES = CONFIG.study_names()

try:
    check_study_names(NAMES, ["all", "reproduction", *filter(rules.has, NAMES)])
except InputError as error:
    raise WorkflowError(str(error))

ask_artifacts(workflow)
tell_missing(workflow, CONFIG)
if not AS_MODULE:  # what else another workflow makes, it knows itself
    check_before_planning(workflow, PLAN.made())

for STUDY in CONFIG.study_names():

    rule:
        name:
            STUDY
        input:
            PLAN.targets(STUDY),
        localrule: True
