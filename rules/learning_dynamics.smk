# Learning dynamics: deep linear networks, which see no stimuli and so keep rules of their own.
#   results/models/deep_linear/seed{seed}/{run}.h5   everything recorded of a training: main, shark, parrot, slow, shallow
#   results/models/deep_linear/seed{seed}/grid.h5    losses over learning rates and initial scales
#   results/figures/learning_dynamics/{figure}.pdf, .png     results/tables/learning_dynamics/{figure}.csv

from repgeom.workflow.references import read_references

if CONFIG.studies.learning_dynamics:
    LINEAR = CONFIG.studies.learning_dynamics
    FIRST = {"seed": LINEAR.seeds[0]}

    rule learning_dynamics_runs:
        output:
            **{
                run: artifacts.LINEAR_RUN.replace("{run}", run)
                for run in ("main", "shark", "parrot", "slow", "shallow")
            },
        log:
            artifacts.log("learning_dynamics/runs/seed{seed}"),
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
            data=LINEAR.data(),
            training=LINEAR.training(),
        script:
            "../scripts/learning_dynamics/runs.py"

    rule learning_dynamics_grid_runs:
        output:
            grid=artifacts.LINEAR_GRID,
        log:
            artifacts.log("learning_dynamics/grid_runs/seed{seed}"),
        benchmark:
            artifacts.benchmark("learning_dynamics/grid_runs/seed{seed}")
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(20),
        params:
            **code("learning_dynamics/grid_runs.py"),
            seed=lambda w: int(w.seed),
            data=LINEAR.data(),
            training=LINEAR.training(),
            grid=LINEAR.grid.plain(),
        script:
            "../scripts/learning_dynamics/grid_runs.py"

    # A template: no networks of the configuration are looked at.
    use rule figure as learning_dynamics_figure with:
        params:
            networks=[],
            names={},
            options={},

    use rule learning_dynamics_figure as learning_dynamics_tree with:
        output:
            **figure_files("learning_dynamics/tree"),
        wildcard_constraints:
            analysis="learning_dynamics/tree",
        params:
            **runs("learning_dynamics/tree.py"),
            options=FIRST | {"data": LINEAR.data()},

    use rule learning_dynamics_figure as learning_dynamics_loss with:
        input:
            main=artifacts.LINEAR_RUN.format(**FIRST, run="main"),
            slow=artifacts.LINEAR_RUN.format(**FIRST, run="slow"),
        output:
            **figure_files("learning_dynamics/loss"),
        wildcard_constraints:
            analysis="learning_dynamics/loss",
        params:
            **runs("learning_dynamics/loss.py"),

    use rule learning_dynamics_figure as learning_dynamics_grid with:
        input:
            grid=artifacts.LINEAR_GRID.format(**FIRST),
        output:
            **figure_files("learning_dynamics/grid"),
        wildcard_constraints:
            analysis="learning_dynamics/grid",
        params:
            **runs("learning_dynamics/grid.py"),

    use rule learning_dynamics_figure as learning_dynamics_modes with:
        input:
            main=artifacts.LINEAR_RUN.format(**FIRST, run="main"),
        output:
            **figure_files("learning_dynamics/modes"),
        wildcard_constraints:
            analysis="learning_dynamics/modes",
        params:
            **runs("learning_dynamics/modes.py"),

    use rule learning_dynamics_figure as learning_dynamics_rsm with:
        input:
            main=artifacts.LINEAR_RUN.format(**FIRST, run="main"),
        output:
            **figure_files("learning_dynamics/rsm"),
            page=artifacts.PAGE,
        wildcard_constraints:
            analysis="learning_dynamics/rsm",
        params:
            **runs("learning_dynamics/rsm.py"),
            options={"tree": LINEAR.tree.plain(), "epochs": LINEAR.rsm_epochs},

    use rule learning_dynamics_figure as learning_dynamics_illusions with:
        input:
            shark=artifacts.LINEAR_RUN.format(**FIRST, run="shark"),
            parrot=artifacts.LINEAR_RUN.format(**FIRST, run="parrot"),
        output:
            **figure_files("learning_dynamics/illusions"),
        wildcard_constraints:
            analysis="learning_dynamics/illusions",
        params:
            **runs("learning_dynamics/illusions.py"),

    use rule learning_dynamics_figure as learning_dynamics_regression with:
        input:
            main=artifacts.LINEAR_RUN.format(**FIRST, run="main"),
            shallow=artifacts.LINEAR_RUN.format(**FIRST, run="shallow"),
        output:
            **figure_files("learning_dynamics/regression"),
        wildcard_constraints:
            analysis="learning_dynamics/regression",
        params:
            **runs("learning_dynamics/regression.py"),
            options=FIRST | {"data": LINEAR.data()},

    use rule learning_dynamics_figure as learning_dynamics_reproduction with:
        input:
            main=expand(artifacts.LINEAR_RUN, seed=LINEAR.seeds, run="main"),
            shark=expand(artifacts.LINEAR_RUN, seed=LINEAR.seeds, run="shark"),
            slow=expand(artifacts.LINEAR_RUN, seed=LINEAR.seeds, run="slow"),
        wildcard_constraints:
            analysis="learning_dynamics/reproduction",
        conda:
            "../envs/analyse.yaml"
        params:
            **runs("learning_dynamics/reproduction.py"),
            options={"published": LINEAR.as_published()},
            references=read_references(ROOT, "learning_dynamics"),
