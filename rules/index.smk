# All results on one page, and that page with all it links to, in one file to send to somebody.
#   results/index.html     results/share.zip

from repgeom.workflow.index import captions, configuration_shown, figures_shown

SHOWN = figures_shown(PLAN)


rule index:
    input:
        figures=[file for figure in SHOWN for file in figure["files"].values()],
        reproduction=artifacts.REPRODUCTION if PLAN.reproductions() else [],
        reproductions=PLAN.reproductions(),
    output:
        page=artifacts.INDEX,
        share=artifacts.SHARE,
    log:
        artifacts.log("index"),
    localrule: True
    conda:
        "../envs/plot.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        **code("index.py"),
        figures=SHOWN,
        captions=captions(ROOT, SHOWN),
        configuration=configuration_shown(ROOT, config),
    script:
        "../scripts/index.py"
