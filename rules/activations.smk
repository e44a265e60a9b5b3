# Activations of every node, and their exact reduction: from the file of activations where those are kept, else straight
# from the network; activations are then made only for analyses that read them.
#   results/activations/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip
#   results/coordinates/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip


rule activations:
    input:
        stimuli=stimuli_file,
        weights=artifacts.WEIGHTS,
        user=user_files,
    output:
        activations=artifacts.ACTIVATIONS,
    log:
        artifacts.log("activations/{model}/seed{seed}/{epoch}/{stimuli}"),
    cache: CACHE
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        gpu=GPU,
        mem_mb=grow(3000),
        runtime=grow(60),
    params:
        **model_code("activations.py"),
        script="activations.py",
        network=lambda w: CONFIG.models[w.model].network(),
        epoch=lambda w: w.epoch,
        nodes=lambda w: sources.recorded_nodes(CONFIG, w.model, w.stimuli),
        descriptors=descriptors,
        device=DEVICE,
        batch_size=CONFIG.batch_size,
    script:
        "../scripts/{params.script}"


if CONFIG.keep_activations:

    rule coordinates:
        input:
            activations=artifacts.ACTIVATIONS,
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
            descriptors=descriptors,
        script:
            "../scripts/coordinates.py"

else:

    use rule activations as coordinates with:
        output:
            coordinates=artifacts.COORDINATES,
        log:
            artifacts.log("coordinates/{model}/seed{seed}/{epoch}/{stimuli}"),
        params:
            **model_code("coordinates_of_network.py"),
            script="coordinates_of_network.py",
