# Activations of every node, and their exact reduction: from the file of activations where those are kept, else straight
# from the network; activations are then made only for analyses that read them.
#   results/activations/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip
#   results/activations/{model}/seed{seed}/{epoch}/{stimuli}/part{part}of{parts}.zarr.zip   where several jobs record
#   results/coordinates/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip


rule activations:
    input:
        stimuli=NETWORK.stimuli,
        weights=artifacts.WEIGHTS,
        user=NETWORK.user_files,
    output:
        activations=RECORDED if PARTS == 1 else temp(RECORDED),
    log:
        artifacts.log(RECORDED.removeprefix("results/").removesuffix(".zarr.zip")),
    cache: CACHE and PARTS == 1
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        gpu=GPU,
        mem_mb=grow(RECORDING_MB),
        runtime=grow(60),
    params:
        **builds_model("activations.py"),
        script="activations.py",
        epoch=lambda w: w.epoch,
        nodes=NETWORK.kept_nodes,
        descriptors=NETWORK.descriptors,
        batch_size=CONFIG.batch_size,
        part=lambda w: (int(w.get("part", 1)), PARTS),
    script:
        "../scripts/{params.script}"


if PARTS > 1:

    rule join_activations:
        input:
            activations=NETWORK.recorded,
        output:
            activations=artifacts.ACTIVATIONS,
        log:
            artifacts.log("join_activations/{model}/seed{seed}/{epoch}/{stimuli}"),
        cache: CACHE
        conda:
            "../envs/repgeom.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=grow(60),
        params:
            **code("join_activations.py"),
            descriptors=NETWORK.descriptors,
        script:
            "../scripts/join_activations.py"


if not CONFIG.reduces_while_running:

    rule coordinates:
        input:
            activations=(
                artifacts.ACTIVATIONS if CONFIG.keep_activations else NETWORK.recorded
            ),
        output:
            coordinates=artifacts.COORDINATES,
        log:
            artifacts.log("coordinates/{model}/seed{seed}/{epoch}/{stimuli}"),
        cache: CACHE
        conda:
            "../envs/repgeom.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=grow(60),
        params:
            **code("coordinates.py"),
            descriptors=NETWORK.descriptors,
            projection=PROJECTION,
        script:
            "../scripts/coordinates.py"

else:

    use rule activations as coordinates with:
        output:
            coordinates=artifacts.COORDINATES,
        log:
            artifacts.log("coordinates/{model}/seed{seed}/{epoch}/{stimuli}"),
        params:
            **builds_model("coordinates_of_network.py"),
            script="coordinates_of_network.py",
            nodes=NETWORK.nodes,
            projection=PROJECTION,
