# Datasets and stimuli.
#   results/datasets/{dataset}.h5                       images, labels, ids of both splits
#   results/stimuli/{stimuli}.h5                        chosen images, or canvases
#   results/stimuli/{stimuli}/{model}/seed{seed}.h5     the same, attacked with that network's gradients


rule dataset:
    output:
        dataset=paths.DATASET,
    log:
        "results/logs/dataset/{dataset}.log",
    conda:
        "../envs/analyse.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=minutes(60),
        data_dir=DATA_DIR,  # no param: where verified files lie does not change what they hold
    params:
        **code("dataset.py"),
        dataset=lambda w: CONFIG.datasets[w.dataset].plain(),
        content=lambda w: dataset_content(w.dataset),
    script:
        "../scripts/dataset.py"


rule select_stimuli:
    input:
        dataset=lambda w: paths.DATASET.format(
            dataset=CONFIG.stimuli[w.stimuli].dataset
        ),
    output:
        stimuli=paths.STIMULI,
    log:
        "results/logs/select_stimuli/{stimuli}.log",
    wildcard_constraints:
        stimuli=stimuli_of_kind("select"),
    conda:
        "../envs/analyse.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=minutes(10),
    params:
        **code("select_stimuli.py"),
        stimuli=lambda w: CONFIG.stimuli[w.stimuli].chosen(),
    script:
        "../scripts/select_stimuli.py"


rule canvases:
    input:
        datasets=lambda w: domain_files(CONFIG.stimulus_section(w.stimuli).dataset),
    output:
        stimuli=paths.STIMULI,
    log:
        "results/logs/canvases/{stimuli}.log",
    wildcard_constraints:
        stimuli=stimuli_of_kind("canvases"),
    conda:
        "../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=minutes(10),
    params:
        **code("canvases.py"),
        stimuli=lambda w: CONFIG.stimulus_section(w.stimuli).chosen(),
        canvases=lambda w: canvas_recipe(CONFIG.stimulus_section(w.stimuli).dataset),
    script:
        "../scripts/canvases.py"


rule attack_stimuli:
    input:
        stimuli=lambda w: paths.STIMULI.format(stimuli=CONFIG.stimuli[w.stimuli].of),
        weights=paths.WEIGHTS,
        user=lambda w: user_files(w.model),
    output:
        stimuli=paths.ATTACKED,
    log:
        "results/logs/attack_stimuli/{stimuli}/{model}/seed{seed}.log",
    benchmark:
        "results/benchmarks/attack_stimuli/{stimuli}/{model}/seed{seed}.tsv"
    conda:
        "../envs/train.yaml"
    threads: 1
    resources:
        gpu=GPU,
        mem_mb=grow(3000),
        runtime=minutes(30),
    params:
        attack=lambda w: CONFIG.stimuli[w.stimuli].attack.plain(),
        network=lambda w: CONFIG.models[w.model].network(),
        device=DEVICE,
        batch_size=CONFIG.batch_size,
        code=model_code("attack_stimuli.py"),
        versions=model_versions("attack_stimuli.py"),
    script:
        "../scripts/attack_stimuli.py"
