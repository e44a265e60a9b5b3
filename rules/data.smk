# Datasets and stimuli.
#   results/datasets/{dataset}.h5                       images, labels, ids of both splits
#   results/stimuli/{stimuli}.h5                        chosen images, perturbed ones, or canvases
#   results/stimuli/{stimuli}/{model}/seed{seed}.h5     the same, attacked with that network's gradients


rule dataset:
    input:
        file=lambda w: sources.dataset_files(CONFIG, w.dataset),
    output:
        dataset=artifacts.DATASET,
    log:
        artifacts.log("dataset/{dataset}"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=grow(60),
        data_dir=DATA_DIR,  # no param: where verified files lie does not change what they hold
    params:
        **code("dataset.py"),
        dataset=lambda w: CONFIG.datasets[w.dataset].plain(),
        content=lambda w: sources.dataset_content(CONFIG, w.dataset),
    script:
        "../scripts/dataset.py"


rule select_stimuli:
    input:
        dataset=lambda w: artifacts.DATASET.format(
            dataset=CONFIG.stimuli[w.stimuli].dataset
        ),
    output:
        stimuli=artifacts.STIMULI,
    log:
        artifacts.log("select_stimuli/{stimuli}"),
    wildcard_constraints:
        stimuli=sources.stimuli_of_kind(CONFIG, "select"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        **code("select_stimuli.py"),
        stimuli=lambda w: CONFIG.stimuli[w.stimuli].chosen(),
    script:
        "../scripts/select_stimuli.py"


rule perturb_stimuli:
    input:
        stimuli=lambda w: artifacts.STIMULI.format(stimuli=CONFIG.stimuli[w.stimuli].of),
    output:
        stimuli=artifacts.STIMULI,
    log:
        artifacts.log("perturb_stimuli/{stimuli}"),
    wildcard_constraints:
        stimuli=sources.stimuli_of_kind(CONFIG, "perturb"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=grow(10),
    params:
        **code("perturb_stimuli.py"),
        perturbation=lambda w: CONFIG.stimuli[w.stimuli].perturbation.plain(),
    script:
        "../scripts/perturb_stimuli.py"


rule canvases:
    input:
        datasets=lambda w: sources.domain_files(
            CONFIG, CONFIG.stimulus_section(w.stimuli).dataset
        ),
    output:
        stimuli=artifacts.STIMULI,
    log:
        artifacts.log("canvases/{stimuli}"),
    wildcard_constraints:
        stimuli=sources.stimuli_of_kind(CONFIG, "canvases"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=grow(10),
    params:
        **code("canvases.py"),
        stimuli=lambda w: CONFIG.stimulus_section(w.stimuli).chosen(),
        canvases=lambda w: sources.canvas_recipe(
            CONFIG, CONFIG.stimulus_section(w.stimuli).dataset
        ),
    script:
        "../scripts/canvases.py"


rule attack_stimuli:
    input:
        stimuli=lambda w: artifacts.STIMULI.format(stimuli=CONFIG.stimuli[w.stimuli].of),
        weights=artifacts.WEIGHTS,
        user=NETWORK.user_files,
    output:
        stimuli=artifacts.ATTACKED,
    log:
        artifacts.log("attack_stimuli/{stimuli}/{model}/seed{seed}"),
    benchmark:
        artifacts.benchmark("attack_stimuli/{stimuli}/{model}/seed{seed}")
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        gpu=GPU,
        mem_mb=grow(3000),
        runtime=grow(30),
    params:
        **builds_model("attack_stimuli.py"),
        attack=lambda w: CONFIG.stimuli[w.stimuli].attack.plain(),
        batch_size=CONFIG.batch_size,
    script:
        "../scripts/attack_stimuli.py"
