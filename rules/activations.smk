# Activations of every node, and their exact reduction.
#   results/activations/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip
#   results/coordinates/{model}/seed{seed}/{epoch}/{stimuli}.zarr.zip


rule activations:
    input:
        stimuli=lambda w: paths.stimuli_path(CONFIG, w.stimuli, w.model, int(w.seed)),
        weights=paths.WEIGHTS,
        user=lambda w: user_files(w.model),
    output:
        activations=paths.ACTIVATIONS,
    log:
        "results/logs/activations/{model}/seed{seed}/{epoch}/{stimuli}.log",
    cache: CACHE
    conda:
        "../envs/train.yaml"
    threads: 1
    resources:
        gpu=GPU,
        mem_mb=grow(3000),
        runtime=minutes(60),
    params:
        network=lambda w: CONFIG.models[w.model].network(),
        epoch=lambda w: w.epoch,
        nodes=lambda w: CONFIG.stimulus_section(w.stimuli).nodes,
        descriptors=descriptors,
        device=DEVICE,
        batch_size=CONFIG.batch_size,
        code=model_code("activations.py"),
        versions=model_versions("activations.py"),
    script:
        "../scripts/activations.py"


rule coordinates:
    input:
        activations=paths.ACTIVATIONS,
    output:
        coordinates=paths.COORDINATES,
    log:
        "results/logs/coordinates/{model}/seed{seed}/{epoch}/{stimuli}.log",
    cache: CACHE
    conda:
        "../envs/analyse.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=minutes(60),
    params:
        **code("coordinates.py"),
        descriptors=descriptors,
    script:
        "../scripts/coordinates.py"
