# Study manifolds: figures and tables.
#   results/figures/manifolds/{figure}.pdf, .png      results/tables/manifolds/{figure}.csv
#   results/tables/manifolds/direct.csv       capacity by conic projection and by simulation
#   results/metamers/{model}/seed{seed}.h5    metamers, snapshots, losses

if STUDIES.manifolds:
    MANIFOLDS = STUDIES.manifolds
    MANIFOLD_SEED = CONFIG.models[MANIFOLDS.model].seeds[0]
    MANIFOLD_RUN = {
        "model": MANIFOLDS.model,
        "seed": MANIFOLD_SEED,
        "stimuli": MANIFOLDS.clouds,
    }
    MANIFOLD_HELD_OUT = paths.WEIGHTS.format(
        model=MANIFOLDS.metamers.held_out,
        seed=CONFIG.models[MANIFOLDS.metamers.held_out].seeds[0],
    )
    MANIFOLD_ATTACKED = [
        paths.STIMULI.format(stimuli=CONFIG.stimuli[MANIFOLDS.attacked].of),
        paths.stimuli_path(CONFIG, MANIFOLDS.attacked, MANIFOLDS.model, MANIFOLD_SEED),
    ]
    MANIFOLD_FIGURES = [
        "history",
        "filters",
        "maps",
        "spectrum",
        "layers",
        "epochs",
        "capacities",
        "draws",
        "metamers",
        "adversarial",
    ]

    rule manifolds:
        input:
            add_targets(
                *(f"results/figures/manifolds/{f}.png" for f in MANIFOLD_FIGURES),
                reproduction_path("manifolds"),
            ),
        localrule: True

    rule manifolds_history:
        input:
            history=paths.HISTORY.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
        output:
            **figure_files("manifolds", "history"),
        log:
            "results/logs/manifolds/history.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/history.py"),
        script:
            "../scripts/manifolds/history.py"

    rule manifolds_filters:
        input:
            weights=paths.WEIGHTS.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
        output:
            **figure_files("manifolds", "filters"),
        log:
            "results/logs/manifolds/filters.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/filters.py"),
            epochs=MANIFOLDS.epochs,
            layer=MANIFOLDS.first_layer,
        script:
            "../scripts/manifolds/filters.py"

    rule manifolds_maps:
        input:
            weights=paths.WEIGHTS.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
            stimuli=paths.stimuli_path(
                CONFIG, MANIFOLDS.maps, MANIFOLDS.model, MANIFOLD_SEED
            ),
        output:
            **figure_files("manifolds", "maps"),
        log:
            "results/logs/manifolds/maps.log",
        conda:
            "../envs/train.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=minutes(30),
            gpu=GPU,
        params:
            **code("manifolds/maps.py"),
            epochs=MANIFOLDS.epochs,
            node=MANIFOLDS.first_layer,
            network=CONFIG.models[MANIFOLDS.model].network(),
            device=DEVICE,
        script:
            "../scripts/manifolds/maps.py"

    rule manifolds_spectrum:
        input:
            coordinates=files(
                paths.COORDINATES, [MANIFOLD_RUN | {"stimuli": MANIFOLDS.spectrum}]
            )[0],
        output:
            **figure_files("manifolds", "spectrum"),
        log:
            "results/logs/manifolds/spectrum.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/spectrum.py"),
            node=MANIFOLDS.spectrum_node,
        script:
            "../scripts/manifolds/spectrum.py"

    rule manifolds_layer_capacity:
        input:
            coordinates=manifold_layer_files(manifold_analyses()),
        output:
            table="results/tables/manifolds/layers.csv",
        log:
            "results/logs/manifolds/layer_capacity.log",
        benchmark:
            "results/benchmarks/manifolds/layer_capacity.tsv"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=minutes(30),
        params:
            **code("manifolds/capacity.py"),
            runs=manifold_layer_runs(manifold_analyses()),
            capacity=MANIFOLDS.capacity.plain(),
        script:
            "../scripts/manifolds/capacity.py"

    rule manifolds_layers:
        input:
            table="results/tables/manifolds/layers.csv",
        output:
            pdf="results/figures/manifolds/layers.pdf",
            png=reported_figure("manifolds", "layers"),
        log:
            "results/logs/manifolds/layers.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/layers.py"),
            looks=manifold_looks(),
        script:
            "../scripts/manifolds/layers.py"

    rule manifolds_epoch_capacity:
        input:
            coordinates=manifold_epoch_files(MANIFOLDS.epochs),
        output:
            table="results/tables/manifolds/epochs.csv",
        log:
            "results/logs/manifolds/epoch_capacity.log",
        benchmark:
            "results/benchmarks/manifolds/epoch_capacity.tsv"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=minutes(30),
        params:
            **code("manifolds/capacity.py"),
            runs=manifold_epoch_runs(MANIFOLDS.epochs),
            capacity=MANIFOLDS.capacity.plain(),
        script:
            "../scripts/manifolds/capacity.py"

    rule manifolds_epochs:
        input:
            table="results/tables/manifolds/epochs.csv",
        output:
            pdf="results/figures/manifolds/epochs.pdf",
            png=reported_figure("manifolds", "epochs"),
        log:
            "results/logs/manifolds/epochs.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/epochs.py"),
        script:
            "../scripts/manifolds/epochs.py"

    rule manifolds_direct_capacity:
        input:
            coordinates=[
                *manifold_layer_files(MANIFOLDS.direct.analyses),
                *manifold_epoch_files(MANIFOLDS.direct.epochs),
            ],
        output:
            table="results/tables/manifolds/direct.csv",
        log:
            "results/logs/manifolds/direct_capacity.log",
        benchmark:
            "results/benchmarks/manifolds/direct_capacity.tsv"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=minutes(60),
        params:
            **code("manifolds/direct.py"),
            runs=[
                *manifold_layer_runs(MANIFOLDS.direct.analyses),
                *manifold_epoch_runs(MANIFOLDS.direct.epochs),
            ],
            direct=MANIFOLDS.direct.plain(),
        script:
            "../scripts/manifolds/direct.py"

    rule manifolds_capacities:
        input:
            direct="results/tables/manifolds/direct.csv",
            mean_field=[
                "results/tables/manifolds/layers.csv",
                "results/tables/manifolds/epochs.csv",
            ],
        output:
            **figure_files("manifolds", "capacities"),
        log:
            "results/logs/manifolds/capacities.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/capacities.py"),
            looks=manifold_looks(),
        script:
            "../scripts/manifolds/capacities.py"

    rule manifolds_draw_capacity:
        input:
            weights=paths.WEIGHTS.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
            dataset=paths.DATASET.format(
                dataset=CONFIG.stimuli[MANIFOLDS.clouds].dataset
            ),
        output:
            table="results/tables/manifolds/draws.csv",
        log:
            "results/logs/manifolds/draw_capacity.log",
        benchmark:
            "results/benchmarks/manifolds/draw_capacity.tsv"
        conda:
            "../envs/train.yaml"
        threads: 1
        resources:
            mem_mb=grow(3000),
            runtime=minutes(60),
            gpu=GPU,
        params:
            **code("manifolds/draws.py"),
            draws=MANIFOLDS.image_draws.plain(),
            clouds=CONFIG.stimuli[MANIFOLDS.clouds].chosen(),
            capacity=MANIFOLDS.capacity.plain(),
            network=CONFIG.models[MANIFOLDS.model].network(),
            batch_size=CONFIG.batch_size,
            device=DEVICE,
        script:
            "../scripts/manifolds/draws.py"

    rule manifolds_draws:
        input:
            table="results/tables/manifolds/draws.csv",
        output:
            pdf="results/figures/manifolds/draws.pdf",
            png=reported_figure("manifolds", "draws"),
        log:
            "results/logs/manifolds/draws.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/draws_figure.py"),
            dataset=dataset_source(CONFIG.stimuli[MANIFOLDS.clouds].dataset),
            references=reference_numbers("manifolds"),
        script:
            "../scripts/manifolds/draws_figure.py"

    rule manifolds_metamer_synthesis:
        input:
            weights=paths.WEIGHTS.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
            held_out=MANIFOLD_HELD_OUT,
            stimuli=paths.stimuli_path(
                CONFIG, MANIFOLDS.metamers.originals, MANIFOLDS.model, MANIFOLD_SEED
            ),
        output:
            metamers=paths.METAMERS.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
        log:
            "results/logs/manifolds/metamer_synthesis.log",
        benchmark:
            "results/benchmarks/manifolds/metamer_synthesis.tsv"
        conda:
            "../envs/train.yaml"
        threads: 1
        resources:
            mem_mb=grow(3000),
            runtime=minutes(30),
            gpu=GPU,
        params:
            **code("manifolds/metamers.py"),
            metamers=MANIFOLDS.metamers.plain(),
            network=CONFIG.models[MANIFOLDS.model].network(),
            held_out=CONFIG.models[MANIFOLDS.metamers.held_out].network(),
            device=DEVICE,
        script:
            "../scripts/manifolds/metamers.py"

    rule manifolds_metamers:
        input:
            metamers=paths.METAMERS.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
            others=paths.stimuli_path(
                CONFIG, MANIFOLDS.clouds, MANIFOLDS.model, MANIFOLD_SEED
            ),
        output:
            **figure_files("manifolds", "metamers"),
        log:
            "results/logs/manifolds/metamers.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/metamers_figure.py"),
        script:
            "../scripts/manifolds/metamers_figure.py"

    rule manifolds_adversarial_answers:
        input:
            weights=paths.WEIGHTS.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
            held_out=MANIFOLD_HELD_OUT,
            stimuli=MANIFOLD_ATTACKED,
        output:
            table="results/tables/manifolds/adversarial.csv",
        log:
            "results/logs/manifolds/adversarial_answers.log",
        conda:
            "../envs/train.yaml"
        threads: 1
        resources:
            mem_mb=grow(3000),
            runtime=minutes(30),
            gpu=GPU,
        params:
            **code("manifolds/adversarial_answers.py"),
            network=CONFIG.models[MANIFOLDS.model].network(),
            held_out=CONFIG.models[MANIFOLDS.metamers.held_out].network(),
            batch_size=CONFIG.batch_size,
            device=DEVICE,
        script:
            "../scripts/manifolds/adversarial_answers.py"

    rule manifolds_adversarial:
        input:
            table="results/tables/manifolds/adversarial.csv",
            stimuli=MANIFOLD_ATTACKED,
        output:
            pdf="results/figures/manifolds/adversarial.pdf",
            png=reported_figure("manifolds", "adversarial"),
        log:
            "results/logs/manifolds/adversarial.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/adversarial.py"),
            labels=[
                ["predicted", label(MANIFOLDS.model)],
                ["held_out", label(MANIFOLDS.metamers.held_out)],
            ],
            columns=5,
        script:
            "../scripts/manifolds/adversarial.py"

    rule manifolds_reproduction:
        input:
            coordinates=files(paths.COORDINATES, [MANIFOLD_RUN])[0],
            history=paths.HISTORY.format(model=MANIFOLDS.model, seed=MANIFOLD_SEED),
            dataset=paths.DATASET.format(dataset=CONFIG.models[MANIFOLDS.model].dataset),
            draws="results/tables/manifolds/draws.csv",
        output:
            table=reproduction_path("manifolds"),
        log:
            "results/logs/manifolds/reproduction.log",
        group:
            "figures"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("manifolds/reproduction.py"),
            nodes=MANIFOLDS.nodes,
            capacity=MANIFOLDS.capacity.plain(),
            dataset=dataset_source(CONFIG.stimuli[MANIFOLDS.clouds].dataset),
            references=reference_numbers("manifolds"),
        script:
            "../scripts/manifolds/reproduction.py"
