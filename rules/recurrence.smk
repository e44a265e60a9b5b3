# Study recurrence: decoding, flow decoding, perturbation, geometry over time.
#   results/tables/recurrence/decoding/{model}/seed{seed}.csv        one network, all repetitions
#   results/tables/recurrence/perturbation/{model}/seed{seed}.csv    one network, all repetitions
#   results/figures/recurrence/{figure}_{model}.pdf, .png            results/tables/recurrence/{figure}_{model}.csv

if STUDIES.recurrence:
    RECURRENCE = STUDIES.recurrence
    RECURRENCE_DECODING = "results/tables/recurrence/decoding/{model}/seed{seed}.csv"
    RECURRENCE_PERTURBATION = (
        "results/tables/recurrence/perturbation/{model}/seed{seed}.csv"
    )

    rule recurrence:
        input:
            add_targets(
                *per_model("results/tables/recurrence/output_{model}.csv"),
                *per_network(RECURRENCE_DECODING),
                *per_network(RECURRENCE_PERTURBATION),
            ),
        localrule: True

    rule recurrence_decoding:
        input:
            coordinates=lambda w: files(
                paths.COORDINATES, canvas_runs(w.model, [int(w.seed)])
            ),
        output:
            table=RECURRENCE_DECODING,
        log:
            "results/logs/recurrence/decoding/{model}/seed{seed}.log",
        benchmark:
            "results/benchmarks/recurrence/decoding/{model}/seed{seed}.tsv"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(3000),
            runtime=minutes(120),
        params:
            **code("recurrence/decoding.py"),
            runs=lambda w: repetitions(canvas_runs(w.model, [int(w.seed)])),
            fit=RECURRENCE.decoding.fit,
        script:
            "../scripts/recurrence/decoding.py"

    rule recurrence_perturbation:
        input:
            weights=paths.WEIGHTS,
            datasets=lambda w: domain_files(CONFIG.models[w.model].dataset),
        output:
            table=RECURRENCE_PERTURBATION,
        log:
            "results/logs/recurrence/perturbation/{model}/seed{seed}.log",
        benchmark:
            "results/benchmarks/recurrence/perturbation/{model}/seed{seed}.tsv"
        conda:
            "../envs/train.yaml"
        threads: 1
        resources:
            gpu=GPU,
            mem_mb=grow(4000),
            runtime=minutes(240),
        params:
            **code("recurrence/perturbation.py"),
            network=lambda w: CONFIG.models[w.model].network(),
            canvases=lambda w: canvas_recipe(CONFIG.models[w.model].dataset),
            perturbation=RECURRENCE.perturbation.plain(),
            device=DEVICE,
            batch_size=CONFIG.batch_size,
        script:
            "../scripts/recurrence/perturbation.py"

    rule recurrence_output:
        input:
            activations=lambda w: files(paths.ACTIVATIONS, canvas_runs(w.model)),
        output:
            table="results/tables/recurrence/output_{model}.csv",
        log:
            "results/logs/recurrence/output_{model}.log",
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/output.py"),
            runs=lambda w: [
                {"seed": r["seed"]} | named
                for r, named in zip(
                    canvas_runs(w.model), repetitions(canvas_runs(w.model))
                )
            ],
        script:
            "../scripts/recurrence/output.py"
