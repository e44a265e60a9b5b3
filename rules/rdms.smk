# RDMs of every node, in rsatoolbox's format.
#   results/rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}.h5


rule rdms:
    input:
        coordinates=artifacts.COORDINATES,
    output:
        rdms=artifacts.RDMS,
    log:
        artifacts.log("rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}"),
    benchmark:
        artifacts.benchmark("rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}")
    wildcard_constraints:
        measure="|".join(RDM_MEASURES),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=grow(30),
    params:
        **code("rdms.py"),
        measure=lambda w: w.measure,
        descriptors=descriptors,
    script:
        "../scripts/rdms.py"
