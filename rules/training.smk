# Networks.
#   results/models/{model}/seed{seed}/weights.safetensors   weights of every kept epoch
#   results/models/{model}/seed{seed}/history.csv           loss and accuracy per epoch
# The history's metadata are an output of their own so that the cache shares them too.
# Snakemake refuses a benchmark on a rule that may be cached: logs end with time and peak memory instead.


rule train:
    input:
        dataset=lambda w: paths.DATASET.format(dataset=CONFIG.models[w.model].dataset),
        user=lambda w: user_files(w.model),
    output:
        weights=paths.WEIGHTS,
        history=paths.HISTORY,
        history_metadata=paths.metadata(paths.HISTORY),
    log:
        "results/logs/train/{model}/seed{seed}.log",
    wildcard_constraints:
        model=trained_on(canvases=False),
    cache: CACHE
    conda:
        "../envs/train.yaml"
    threads: lambda w: CONFIG.models[w.model].training.threads
    resources:
        gpu=GPU,
        mem_mb=grow(4000),
        runtime=minutes(120),
    params:
        name=lambda w: w.model,
        seed=lambda w: int(w.seed),
        network=lambda w: CONFIG.models[w.model].network(),
        training=lambda w: CONFIG.models[w.model].training.plain(),
        device=DEVICE,
        code=model_code("train.py"),
        versions=model_versions("train.py"),
    script:
        "../scripts/train.py"


rule train_on_canvases:
    input:
        datasets=lambda w: domain_files(CONFIG.models[w.model].dataset),
        user=lambda w: user_files(w.model),
    output:
        weights=paths.WEIGHTS,
        history=paths.HISTORY,
        history_metadata=paths.metadata(paths.HISTORY),
    log:
        "results/logs/train_on_canvases/{model}/seed{seed}.log",
    wildcard_constraints:
        model=trained_on(canvases=True),
    cache: CACHE
    priority: 10  # the longest job: what else there is runs beside it
    conda:
        "../envs/train.yaml"
    threads: lambda w: CONFIG.models[w.model].training.threads
    resources:
        gpu=GPU,
        mem_mb=grow(4000),
        runtime=minutes(480),
    params:
        name=lambda w: w.model,
        seed=lambda w: int(w.seed),
        network=lambda w: CONFIG.models[w.model].network(),
        training=lambda w: CONFIG.models[w.model].training.plain(),
        canvases=lambda w: canvas_recipe(CONFIG.models[w.model].dataset),
        device=DEVICE,
        code=model_code("train_on_canvases.py"),
        versions=model_versions("train_on_canvases.py"),
    script:
        "../scripts/train_on_canvases.py"


rule import_weights:
    input:
        datasets=lambda w: domain_files(CONFIG.models[w.model].dataset),
        file=lambda w: weights_file(w.model),
        user=lambda w: user_files(w.model),
    output:
        weights=paths.WEIGHTS,
        history=paths.HISTORY,
        history_metadata=paths.metadata(paths.HISTORY),
    log:
        "results/logs/import_weights/{model}/seed{seed}.log",
    wildcard_constraints:
        model=imported(),
    conda:
        "../envs/train.yaml"
    threads: 1
    resources:
        mem_mb=grow(4000),
        runtime=minutes(60),
        data_dir=DATA_DIR,  # no param: where verified files lie does not change what they hold
    params:
        network=lambda w: CONFIG.models[w.model].network(),
        source=lambda w: weights_source(w.model),
        canvases=lambda w: imported_canvases(w.model),
        device="cpu",
        code=model_code("import_weights.py"),
        versions=model_versions("import_weights.py"),
    script:
        "../scripts/import_weights.py"
