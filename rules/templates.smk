# What jobs of a kind have in common. A rule is made of a template by `use rule … as … with`, which merges params by
# name and replaces any other directive as a whole: whoever changes `resources` says `gpu` again.
#   results/measures/{measure}/{model}/seed{seed}/{epoch}/{stimuli}/{options}.csv   numbers of one network
#   results/figures/{study}/{analysis}.pdf, .png                                    figures, of any networks
#   results/tables/{study}/{analysis}.csv                                           the data behind each


rule measure:
    output:
        table=artifacts.MEASURES,
    log:
        artifacts.log(artifacts.MEASURED),
    benchmark:
        artifacts.benchmark(artifacts.MEASURED)
    wildcard_constraints:
        measure="(?!)",
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=grow(60),
    params:
        options=lambda w: PLAN.options(w.measure, w.options),
        descriptors=descriptors,
    script:
        "../scripts/{params.script}"


rule figure:
    output:
        table=artifacts.TABLE,
    log:
        artifacts.log("figures/{analysis}"),
    wildcard_constraints:
        analysis="(?!)",
    group:
        together("figures")
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=grow(30),
    params:
        networks=lambda w: PLAN.described(w.analysis),
        names=lambda w: PLAN.names(w.analysis),
        options=lambda w: section(w).drawn(),
    script:
        "../scripts/{params.script}"
