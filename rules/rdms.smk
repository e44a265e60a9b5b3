# RDMs of every node, in rsatoolbox's format: of coordinates, or straight of activations.
#   results/rdms/{measure}/{model}/seed{seed}/{epoch}/{stimuli}.h5

RDMS_STRAIGHT = CONFIG.rdms_from == "activations"
RDM_SCRIPT = "rdms_of_activations.py" if RDMS_STRAIGHT else "rdms.py"
RDM_SOURCE = (
    {
        "activations": (
            artifacts.ACTIVATIONS if CONFIG.keep_activations else NETWORK.recorded
        )
    }
    if RDMS_STRAIGHT
    else {"coordinates": artifacts.COORDINATES}
)


rule rdms:
    input:
        **RDM_SOURCE,
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
        **runs(RDM_SCRIPT),
        **PLAN.projection("rdms"),
        precision=CONFIG.rdm_precision,
        measure=lambda w: w.measure,
        descriptors=NETWORK.descriptors,
    script:
        "../scripts/{params.script}"
