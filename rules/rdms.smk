# RDMs of every node, in rsatoolbox's format.
#   results/rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}.h5


rule rdms:
    input:
        coordinates=paths.COORDINATES,
    output:
        rdms=paths.RDMS,
    log:
        "results/logs/rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}.log",
    benchmark:
        "results/benchmarks/rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}.tsv"
    conda:
        "../envs/analyse.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=minutes(30),
    params:
        **code("rdms.py"),
        measure=lambda w: w.measure,
        required_nodes=lambda w: required_nodes(w.measure, w.model, w.stimuli),
        descriptors=descriptors,
    script:
        "../scripts/rdms.py"
