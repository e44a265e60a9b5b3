# Study robustness: figures and tables.
#   results/figures/robustness/{figure}.pdf, .png     results/tables/robustness/{figure}.csv

if STUDIES.robustness:
    ROBUSTNESS = STUDIES.robustness
    ROBUSTNESS_MODELS = [ROBUSTNESS.standard, ROBUSTNESS.adversarial]
    ROBUSTNESS_CONDITIONS = {"clean": ROBUSTNESS.clean, "attacked": ROBUSTNESS.attacked}
    ROBUSTNESS_FIGURES = [
        "stimuli",
        "accuracy",
        "graph",
        "rdms",
        "layers",
        "generalisation",
        "sweep",
    ]
    ROBUSTNESS_RUNS = [
        {"model": model, "seed": seed, "condition": condition, "stimuli": stimuli}
        for model in ROBUSTNESS_MODELS
        for condition, stimuli in ROBUSTNESS_CONDITIONS.items()
        for seed in CONFIG.models[model].seeds
    ]
    ROBUSTNESS_SWEEP_RUNS = [
        {"model": model, "seed": seed, "condition": stimuli, "stimuli": stimuli}
        for stimuli in ROBUSTNESS.sweep.stimuli
        for model in ROBUSTNESS_MODELS
        for seed in CONFIG.models[model].seeds
    ]

    require_rdms(
        ROBUSTNESS.measure,
        ROBUSTNESS_MODELS,
        list(ROBUSTNESS_CONDITIONS.values()),
        ROBUSTNESS.nodes,
    )

    rule robustness:
        input:
            add_targets(
                *(
                    f"results/figures/robustness/{figure}.png"
                    for figure in ROBUSTNESS_FIGURES
                )
            ),
            add_targets(
                "results/pages/generalisation.html", reproduction_path("robustness")
            ),
        localrule: True

    rule robustness_stimuli:
        input:
            stimuli=[
                paths.STIMULI.format(stimuli=ROBUSTNESS.clean),
                *(
                    paths.stimuli_path(
                        CONFIG, ROBUSTNESS.attacked, m, CONFIG.models[m].seeds[0]
                    )
                    for m in ROBUSTNESS_MODELS
                ),
            ],
        output:
            **figure_files("robustness", "stimuli"),
        log:
            "results/logs/robustness/stimuli.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("robustness/stimuli.py"),
            titles=["clean", *(f"attacked: {label(m)}" for m in ROBUSTNESS_MODELS)],
            columns=CONFIG.stimuli[ROBUSTNESS.clean].per_class or 10,
        script:
            "../scripts/robustness/stimuli.py"

    rule robustness_accuracy:
        input:
            coordinates=files(paths.COORDINATES, ROBUSTNESS_RUNS),
        output:
            **figure_files("robustness", "accuracy"),
        log:
            "results/logs/robustness/accuracy.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("robustness/accuracy.py"),
            runs=ROBUSTNESS_RUNS,
            models=looks(ROBUSTNESS_MODELS),
        script:
            "../scripts/robustness/accuracy.py"

    rule robustness_graph:
        input:
            coordinates=files(paths.COORDINATES, ROBUSTNESS_RUNS)[0],
        output:
            **figure_files("robustness", "graph"),
        log:
            "results/logs/robustness/graph.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("robustness/graph.py"),
        script:
            "../scripts/robustness/graph.py"

    rule robustness_rdms:
        input:
            rdms=files(
                paths.RDMS, first_seeds(ROBUSTNESS_RUNS), measure=ROBUSTNESS.measure
            ),
        output:
            **figure_files("robustness", "rdms"),
        log:
            "results/logs/robustness/rdms.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("robustness/rdms.py"),
            titles=[
                f"{label(m)},\n{c}"
                for m in ROBUSTNESS_MODELS
                for c in ROBUSTNESS_CONDITIONS
            ],
            nodes=ROBUSTNESS.nodes,
            measure=ROBUSTNESS.measure,
        script:
            "../scripts/robustness/rdms.py"

    rule robustness_layers:
        input:
            rdms=files(paths.RDMS, ROBUSTNESS_RUNS, measure=ROBUSTNESS.measure),
        output:
            **figure_files("robustness", "layers"),
        log:
            "results/logs/robustness/layers.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("robustness/layers.py"),
            runs=ROBUSTNESS_RUNS,
            nodes=ROBUSTNESS.nodes,
            standard=ROBUSTNESS.standard,
            adversarial=ROBUSTNESS.adversarial,
            lines={
                f"{m}, {c}": {
                    "label": f"{label(m)}, {c}",
                    "colour": CONFIG.models[m].colour,
                    "style": "-" if c == "clean" else "--",
                }
                for m in ROBUSTNESS_MODELS
                for c in ROBUSTNESS_CONDITIONS
            }
            | {
                c: {
                    "label": f"between models, {c}",
                    "colour": "#000000",
                    "style": "-" if c == "clean" else "--",
                }
                for c in ROBUSTNESS_CONDITIONS
            },
        script:
            "../scripts/robustness/layers.py"

    rule robustness_sweep:
        input:
            coordinates=files(paths.COORDINATES, ROBUSTNESS_SWEEP_RUNS),
        output:
            **figure_files("robustness", "sweep"),
        log:
            "results/logs/robustness/sweep.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=minutes(30),
        params:
            **code("robustness/sweep.py"),
            runs=ROBUSTNESS_SWEEP_RUNS,
            models=looks(ROBUSTNESS_MODELS),
            attacks={
                s: CONFIG.stimuli[s].attack.method.upper()
                for s in ROBUSTNESS.sweep.stimuli
            },
            nodes=ROBUSTNESS.nodes,
            measure=ROBUSTNESS.measure,
        script:
            "../scripts/robustness/sweep.py"

    GENERALISATION = ROBUSTNESS.generalisation
    GENERALISATION_SEED = CONFIG.models[GENERALISATION.model].seeds[0]
    GENERALISATION_RUNS = [
        {
            "model": GENERALISATION.model,
            "seed": GENERALISATION_SEED,
            "stimuli": stimuli,
        }
        for stimuli in (GENERALISATION.train, GENERALISATION.test)
    ]

    rule robustness_generalisation:
        input:
            rated=files(paths.ACTIVATIONS, GENERALISATION_RUNS)[0],
            new=files(paths.ACTIVATIONS, GENERALISATION_RUNS)[1],
            rated_stimuli=paths.stimuli_path(
                CONFIG, GENERALISATION.train, GENERALISATION.model, GENERALISATION_SEED
            ),
            new_stimuli=paths.stimuli_path(
                CONFIG, GENERALISATION.test, GENERALISATION.model, GENERALISATION_SEED
            ),
        output:
            **figure_files("robustness", "generalisation"),
            page="results/pages/generalisation.html",
        log:
            "results/logs/robustness/generalisation.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("robustness/generalisation.py"),
            nodes=GENERALISATION.nodes,
            ridge=GENERALISATION.ridge,
        script:
            "../scripts/robustness/generalisation.py"

    rule robustness_reproduction:
        input:
            coordinates=files(paths.COORDINATES, ROBUSTNESS_RUNS),
            histories=[
                paths.HISTORY.format(model=m, seed=s)
                for m in ROBUSTNESS_MODELS
                for s in CONFIG.models[m].seeds
            ],
        output:
            table=reproduction_path("robustness"),
        log:
            "results/logs/robustness/reproduction.log",
        group:
            "figures"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("robustness/reproduction.py"),
            runs=ROBUSTNESS_RUNS,
            standard=ROBUSTNESS.standard,
            adversarial=ROBUSTNESS.adversarial,
            n_seeds=[len(CONFIG.models[m].seeds) for m in ROBUSTNESS_MODELS],
            dataset=dataset_source(CONFIG.stimuli[ROBUSTNESS.clean].dataset),
            references=reference_numbers("robustness"),
        script:
            "../scripts/robustness/reproduction.py"
