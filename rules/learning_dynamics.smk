# Learning dynamics: deep linear networks, which see no stimuli and so keep rules of their own.
#   results/models/deep_linear/seed{seed}/{run}.h5   everything recorded of a training: main, shark, parrot, slow, shallow
#   results/models/deep_linear/seed{seed}/grid.h5    losses over learning rates and initial scales
#   results/figures/learning_dynamics/{figure}.pdf, .png     results/tables/learning_dynamics/{figure}.csv

from repgeom.config.learning_dynamics import PAGES as LINEAR_PAGES
from repgeom.workflow.references import read_references

if CONFIG.studies.learning_dynamics:
    LINEAR = CONFIG.studies.learning_dynamics

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
            "../envs/repgeom.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=grow(10),
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
            "../envs/repgeom.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=grow(20),
        params:
            **code("learning_dynamics/grid_runs.py"),
            seed=lambda w: int(w.seed),
            data=LINEAR.data(),
            training=LINEAR.training(),
            grid=LINEAR.grid.plain(),
        script:
            "../scripts/learning_dynamics/grid_runs.py"

    FIRST_RUNS = {
        run: artifacts.LINEAR_RUN.format(seed=LINEAR.seeds[0], run=run)
        for run in ("main", "shark", "parrot", "slow", "shallow", "grid")
    }
    OF_FEATURES = {"seed": LINEAR.seeds[0], "data": LINEAR.data()}
    OF_RSM = {
        "tree": LINEAR.tree.plain(),
        "epochs": LINEAR.rsm_epochs,
        "seed": LINEAR.seeds[0],
        "features": LINEAR.features,
    }
    for FIGURE, RUNS, OPTIONS in [
        ("tree", [], OF_FEATURES),
        ("loss", ["main", "slow"], {}),
        ("grid", ["grid"], {}),
        ("modes", ["main"], {}),
        ("rsm", ["main"], OF_RSM),
        ("illusions", ["shark", "parrot"], {}),
        ("regression", ["main", "shallow"], OF_FEATURES),
    ]:
        FIGURES[f"learning_dynamics/{FIGURE}"] = dict(
            input={run: FIRST_RUNS[run] for run in RUNS},
            output={"page": artifacts.PAGE} if FIGURE in LINEAR_PAGES else {},
            params=dict(networks=[], names={}, options=OPTIONS),
            analysis=f"learning_dynamics/{FIGURE}",
        )

    rule learning_dynamics_reproduction:
        input:
            main=expand(artifacts.LINEAR_RUN, seed=LINEAR.seeds, run="main"),
            shark=expand(artifacts.LINEAR_RUN, seed=LINEAR.seeds, run="shark"),
            slow=expand(artifacts.LINEAR_RUN, seed=LINEAR.seeds, run="slow"),
        output:
            table=artifacts.TABLE,
        log:
            artifacts.log("figures/{analysis}"),
        wildcard_constraints:
            analysis="learning_dynamics/reproduction",
        group:
            together("summaries")
        conda:
            "../envs/repgeom.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=grow(30),
        params:
            **code("learning_dynamics/reproduction.py"),
            published=LINEAR.as_published(),
            references=read_references(ROOT, "learning_dynamics"),
        script:
            "../scripts/learning_dynamics/reproduction.py"
