# Networks.
#   results/models/{model}/seed{seed}/weights.safetensors   weights of every kept epoch
#   results/models/{model}/seed{seed}/history.csv           loss and accuracy per epoch
# The history's metadata are an output of their own so that the cache shares them too.
# Snakemake refuses a benchmark on a rule that may be cached: logs end with time and peak memory instead.


rule train:
    input:
        dataset=NETWORK.training_dataset,
        start=NETWORK.start_weights,
        user=NETWORK.user_files,
    output:
        weights=artifacts.WEIGHTS,
        history=artifacts.HISTORY,
        history_metadata=artifacts.metadata(artifacts.HISTORY),
    log:
        artifacts.log("train/{model}/seed{seed}"),
    wildcard_constraints:
        model=sources.trained_on(CONFIG, canvases=False),
    cache: CACHE
    conda:
        "../envs/repgeom.yaml"
    threads: lambda w: CONFIG.models[w.model].training.threads
    resources:
        gpu=GPU,
        mem_mb=grow(4000),
        runtime=grow(120),
    params:
        **builds_model("train.py"),
        name=lambda w: w.model,
        seed=lambda w: int(w.seed),
        training=lambda w: CONFIG.models[w.model].training.plain(),
    script:
        "../scripts/train.py"


rule train_on_canvases:
    input:
        datasets=NETWORK.training_domains,
        start=NETWORK.start_weights,
        user=NETWORK.user_files,
    output:
        weights=artifacts.WEIGHTS,
        history=artifacts.HISTORY,
        history_metadata=artifacts.metadata(artifacts.HISTORY),
    log:
        artifacts.log("train_on_canvases/{model}/seed{seed}"),
    wildcard_constraints:
        model=sources.trained_on(CONFIG, canvases=True),
    cache: CACHE
    priority: 10  # the longest job: what else there is runs beside it
    conda:
        "../envs/repgeom.yaml"
    threads: lambda w: CONFIG.models[w.model].training.threads
    resources:
        gpu=GPU,
        mem_mb=grow(4000),
        runtime=grow(480),
    params:
        **builds_model("train_on_canvases.py"),
        name=lambda w: w.model,
        seed=lambda w: int(w.seed),
        training=lambda w: CONFIG.models[w.model].training.plain(),
        canvases=NETWORK.canvases,
    script:
        "../scripts/train_on_canvases.py"


rule import_weights:
    input:
        datasets=NETWORK.training_domains,
        file=lambda w: sources.weights_file(CONFIG, w.model),
        user=NETWORK.user_files,
    output:
        weights=artifacts.WEIGHTS,
        history=artifacts.HISTORY,
        history_metadata=artifacts.metadata(artifacts.HISTORY),
    log:
        artifacts.log("import_weights/{model}/seed{seed}"),
    wildcard_constraints:
        model=sources.imported(CONFIG),
    priority: 20  # weights that do not fit are told before anything else takes long
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(4000),
        runtime=grow(60),
        data_dir=DATA_DIR,  # no param: where verified files lie does not change what they hold
    params:
        **(builds_model("import_weights.py") | {"device": "cpu"}),
        seed=lambda w: int(w.seed),
        source=lambda w: sources.weights_source(CONFIG, w.model),
        canvases=lambda w: sources.imported_canvases(CONFIG, w.model),
    script:
        "../scripts/import_weights.py"
