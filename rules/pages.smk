# Interactive pages beside figures, each one file. Pages that a figure's script writes itself stand with the figure.
#   results/pages/{study}/{analysis}.html

from repgeom.workflow.shown import original_files


rule page:
    output:
        page=artifacts.PAGE,
    log:
        artifacts.log("pages/{analysis}"),
    wildcard_constraints:
        analysis="(?!)",
    group:
        "figures"
    conda:
        "../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=grow(30),
    params:
        networks=lambda w: PLAN.described(w.analysis),
        names=lambda w: PLAN.names(w.analysis),
        options=lambda w: section(w).drawn(),
    script:
        "../scripts/{params.script}"


use rule page as rdms_page with:
    input:
        rdms=lambda w: PLAN.files(
            w.analysis, artifacts.RDMS, measure=section(w).measure
        ),
        stimuli=lambda w: PLAN.stimuli(w.analysis),
        originals=lambda w: original_files(CONFIG, PLAN.networks(w.analysis)),
    wildcard_constraints:
        analysis=PLAN.of_kind("rdms"),
    params:
        **runs("rdms_page.py"),


use rule page as paths_page with:
    input:
        rdms=files(artifacts.RDMS, measure="euclidean"),
    wildcard_constraints:
        analysis=PLAN.of_kind("paths"),
    params:
        **runs("paths_page.py"),
        shown=lambda w: PLAN.stimuli(w.analysis),


use rule page as metamers_page with:
    input:
        metamers=lambda w: PLAN.measures(w.analysis, "metamers", artifacts.METAMERS)[0],
        others=lambda w: PLAN.shown(w.analysis, section(w).others)[0],
    wildcard_constraints:
        analysis=PLAN.of_kind("metamers"),
    params:
        **runs("metamers_page.py"),
