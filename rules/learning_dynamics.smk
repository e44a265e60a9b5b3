# Study learning_dynamics: deep linear networks.
#   results/models/deep_linear/seed{seed}/{run}.h5   everything recorded of a training: main, shark, parrot, slow, shallow
#   results/models/deep_linear/seed{seed}/grid.h5    losses over learning rates and initial scales
#   results/figures/learning_dynamics/{figure}.pdf, .png     results/tables/learning_dynamics/{figure}.csv

if STUDIES.learning_dynamics:
    LINEAR = STUDIES.learning_dynamics
    LINEAR_SEED = LINEAR.seeds[0]
    LINEAR_RUNS = ["main", "shark", "parrot", "slow", "shallow"]
    LINEAR_FIGURES = [
        "tree",
        "loss",
        "grid",
        "modes",
        "rsm",
        "illusions",
        "regression",
    ]
    LINEAR_DATA = LINEAR.data()
    LINEAR_TRAINING = LINEAR.training()

    rule learning_dynamics:
        input:
            add_targets(
                *(
                    f"results/figures/learning_dynamics/{figure}.png"
                    for figure in LINEAR_FIGURES
                )
            ),
            add_targets(
                "results/pages/rsm.html", reproduction_path("learning_dynamics")
            ),
        localrule: True

    rule learning_dynamics_runs:
        output:
            **{run: paths.LINEAR_RUN.replace("{run}", run) for run in LINEAR_RUNS},
        log:
            "results/logs/learning_dynamics/runs/seed{seed}.log",
        cache: CACHE
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/runs.py"),
            seed=lambda w: int(w.seed),
            data=LINEAR_DATA,
            training=LINEAR_TRAINING,
        script:
            "../scripts/learning_dynamics/runs.py"

    rule learning_dynamics_grid_runs:
        output:
            grid=paths.LINEAR_GRID,
        log:
            "results/logs/learning_dynamics/grid_runs/seed{seed}.log",
        benchmark:
            "results/benchmarks/learning_dynamics/grid_runs/seed{seed}.tsv"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(20),
        params:
            **code("learning_dynamics/grid_runs.py"),
            seed=lambda w: int(w.seed),
            data=LINEAR_DATA,
            training=LINEAR_TRAINING,
            grid=LINEAR.grid.plain(),
        script:
            "../scripts/learning_dynamics/grid_runs.py"

    rule learning_dynamics_tree:
        output:
            **figure_files("learning_dynamics", "tree"),
        log:
            "results/logs/learning_dynamics/tree.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/tree.py"),
            seed=LINEAR_SEED,
            data=LINEAR_DATA,
        script:
            "../scripts/learning_dynamics/tree.py"

    rule learning_dynamics_loss:
        input:
            main=paths.LINEAR_RUN.format(seed=LINEAR_SEED, run="main"),
            slow=paths.LINEAR_RUN.format(seed=LINEAR_SEED, run="slow"),
        output:
            **figure_files("learning_dynamics", "loss"),
        log:
            "results/logs/learning_dynamics/loss.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/loss.py"),
        script:
            "../scripts/learning_dynamics/loss.py"

    rule learning_dynamics_grid:
        input:
            grid=paths.LINEAR_GRID.format(seed=LINEAR_SEED),
        output:
            **figure_files("learning_dynamics", "grid"),
        log:
            "results/logs/learning_dynamics/grid.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/grid.py"),
        script:
            "../scripts/learning_dynamics/grid.py"

    rule learning_dynamics_modes:
        input:
            main=paths.LINEAR_RUN.format(seed=LINEAR_SEED, run="main"),
        output:
            **figure_files("learning_dynamics", "modes"),
        log:
            "results/logs/learning_dynamics/modes.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/modes.py"),
        script:
            "../scripts/learning_dynamics/modes.py"

    rule learning_dynamics_rsm:
        input:
            main=paths.LINEAR_RUN.format(seed=LINEAR_SEED, run="main"),
        output:
            **figure_files("learning_dynamics", "rsm"),
            page="results/pages/rsm.html",
        log:
            "results/logs/learning_dynamics/rsm.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/rsm.py"),
            tree=LINEAR.tree.plain(),
            epochs=LINEAR.rsm_epochs,
        script:
            "../scripts/learning_dynamics/rsm.py"

    rule learning_dynamics_illusions:
        input:
            shark=paths.LINEAR_RUN.format(seed=LINEAR_SEED, run="shark"),
            parrot=paths.LINEAR_RUN.format(seed=LINEAR_SEED, run="parrot"),
        output:
            **figure_files("learning_dynamics", "illusions"),
        log:
            "results/logs/learning_dynamics/illusions.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/illusions.py"),
        script:
            "../scripts/learning_dynamics/illusions.py"

    rule learning_dynamics_regression:
        input:
            main=paths.LINEAR_RUN.format(seed=LINEAR_SEED, run="main"),
            shallow=paths.LINEAR_RUN.format(seed=LINEAR_SEED, run="shallow"),
        output:
            **figure_files("learning_dynamics", "regression"),
        log:
            "results/logs/learning_dynamics/regression.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/regression.py"),
            seed=LINEAR_SEED,
            data=LINEAR_DATA,
        script:
            "../scripts/learning_dynamics/regression.py"

    rule learning_dynamics_reproduction:
        input:
            main=[paths.LINEAR_RUN.format(seed=s, run="main") for s in LINEAR.seeds],
            shark=[paths.LINEAR_RUN.format(seed=s, run="shark") for s in LINEAR.seeds],
            slow=[paths.LINEAR_RUN.format(seed=s, run="slow") for s in LINEAR.seeds],
        output:
            table=reproduction_path("learning_dynamics"),
        log:
            "results/logs/learning_dynamics/reproduction.log",
        group:
            "figures"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("learning_dynamics/reproduction.py"),
            published=LINEAR.as_published(),
        script:
            "../scripts/learning_dynamics/reproduction.py"
