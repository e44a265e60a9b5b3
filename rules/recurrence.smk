# Study recurrence: decoding, flow decoding, perturbation, geometry over time.
#   results/tables/recurrence/decoding/{model}/seed{seed}/{stimuli}.csv   one network and stimulus set
#   results/tables/recurrence/perturbation/{model}/seed{seed}.csv    one network, all repetitions
#   results/figures/recurrence/{figure}_{model}.pdf, .png            results/tables/recurrence/{figure}_{model}.csv

if STUDIES.recurrence:
    RECURRENCE = STUDIES.recurrence
    RECURRENCE_DECODING = (
        "results/tables/recurrence/decoding/{model}/seed{seed}/{stimuli}.csv"
    )
    RECURRENCE_PERTURBATION = (
        "results/tables/recurrence/perturbation/{model}/seed{seed}.csv"
    )

    RECURRENCE_FIGURES = [
        "connections",
        "output",
        "examples",
        "maps",
        "auxiliary",
        "decoding",
        "flow_decoding",
        "importance",
        "rdms",
        "path",
        "geometry",
    ]

    rule recurrence:
        input:
            add_targets(
                *(
                    file
                    for figure in RECURRENCE_FIGURES
                    for file in per_model(
                        f"results/figures/recurrence/{figure}_{{model}}.png"
                    )
                ),
                *(
                    f"results/figures/recurrence/history_{model}.png"
                    for model in trained(RECURRENCE.models)
                ),
                "results/figures/recurrence/canvases.png",
                reproduction_path("recurrence"),
            ),
        localrule: True

    rule recurrence_decoding:
        input:
            coordinates=paths.COORDINATES.replace("{epoch}", paths.LAST),
        output:
            table=RECURRENCE_DECODING,
        log:
            "results/logs/recurrence/decoding/{model}/seed{seed}/{stimuli}.log",
        benchmark:
            "results/benchmarks/recurrence/decoding/{model}/seed{seed}/{stimuli}.tsv"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(3000),
            runtime=minutes(120),
        params:
            **code("recurrence/decoding.py"),
            shown=lambda w: shown_canvases(w.model, int(w.seed), w.stimuli),
            fit=RECURRENCE.decoding.fit,
        script:
            "../scripts/recurrence/decoding.py"

    rule recurrence_perturbation:
        input:
            weights=paths.WEIGHTS,
            datasets=lambda w: domain_files(CONFIG.models[w.model].dataset),
            user=lambda w: user_files(w.model),
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
            code=model_code("recurrence/perturbation.py"),
            versions=model_versions("recurrence/perturbation.py"),
            seed=lambda w: int(w.seed),
            network=lambda w: CONFIG.models[w.model].network(),
            canvases=lambda w: canvas_recipe(CONFIG.models[w.model].dataset),
            perturbation=RECURRENCE.perturbation.plain(),
            device=DEVICE,
            batch_size=CONFIG.batch_size,
        script:
            "../scripts/recurrence/perturbation.py"

    rule recurrence_history:
        input:
            histories=lambda w: per_network(paths.HISTORY, [w.model]),
        output:
            **figure_files("recurrence", "history_{model}"),
        log:
            "results/logs/recurrence/history_{model}.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/history.py"),
            seeds=lambda w: CONFIG.models[w.model].seeds,
        script:
            "../scripts/recurrence/history.py"

    rule recurrence_connections:
        input:
            user=lambda w: user_files(w.model),
        output:
            **figure_files("recurrence", "connections_{model}"),
        log:
            "results/logs/recurrence/connections_{model}.log",
        group:
            "figures"
        conda:
            "../envs/train.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            code=model_code("recurrence/connections.py"),
            versions=model_versions("recurrence/connections.py"),
            network=lambda w: CONFIG.models[w.model].network(),
        script:
            "../scripts/recurrence/connections.py"

    rule recurrence_canvases:
        input:
            datasets=domain_files(CONFIG.models[RECURRENCE.models[0]].dataset),
        output:
            **figure_files("recurrence", "canvases"),
        log:
            "results/logs/recurrence/canvases.log",
        group:
            "figures"
        conda:
            "../envs/train.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/canvases.py"),
            canvases=canvas_recipe(CONFIG.models[RECURRENCE.models[0]].dataset),
            swaps=RECURRENCE.perturbation.swaps,
            seed=RECURRENCE.perturbation.seed,
        script:
            "../scripts/recurrence/canvases.py"

    rule recurrence_output:
        input:
            activations=lambda w: files(paths.ACTIVATIONS, canvas_runs(w.model)),
        output:
            **figure_files("recurrence", "output_{model}"),
        log:
            "results/logs/recurrence/output_{model}.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/output.py"),
            runs=lambda w: repetitions(canvas_runs(w.model)),
            published=lambda w: published_recurrence(w.model),
        script:
            "../scripts/recurrence/output.py"

    rule recurrence_examples:
        input:
            stimuli=paths.STIMULI.format(stimuli=RECURRENCE.cluttered),
            activations=lambda w: files(paths.ACTIVATIONS, first_network(w.model))[0],
        output:
            **figure_files("recurrence", "examples_{model}"),
        log:
            "results/logs/recurrence/examples_{model}.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/examples.py"),
        script:
            "../scripts/recurrence/examples.py"

    rule recurrence_maps:
        input:
            stimuli=paths.STIMULI.format(stimuli=RECURRENCE.cluttered),
            activations=lambda w: files(paths.ACTIVATIONS, first_network(w.model))[0],
        output:
            **figure_files("recurrence", "maps_{model}"),
        log:
            "results/logs/recurrence/maps_{model}.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/maps.py"),
            canvases=RECURRENCE.maps,
        script:
            "../scripts/recurrence/maps.py"

    rule recurrence_decoding_figures:
        input:
            tables=lambda w: files(RECURRENCE_DECODING, canvas_runs(w.model)),
        output:
            **named_figures("recurrence", ["auxiliary", "decoding", "flow_decoding"]),
        log:
            "results/logs/recurrence/decoding_figures_{model}.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/decoding_figures.py"),
            published=lambda w: published_recurrence(w.model),
        script:
            "../scripts/recurrence/decoding_figures.py"

    rule recurrence_importance:
        input:
            tables=lambda w: per_network(RECURRENCE_PERTURBATION, [w.model]),
        output:
            **figure_files("recurrence", "importance_{model}"),
        log:
            "results/logs/recurrence/importance_{model}.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/importance.py"),
            swaps=RECURRENCE.perturbation.swaps,
            published=lambda w: published_recurrence(w.model),
        script:
            "../scripts/recurrence/importance.py"

    rule recurrence_rdms:
        input:
            rdms=lambda w: files(
                paths.RDMS, first_network(w.model), measure="correlation"
            )[0],
        output:
            **figure_files("recurrence", "rdms_{model}"),
        log:
            "results/logs/recurrence/rdms_{model}.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=minutes(30),
        params:
            **code("recurrence/rdms.py"),
        script:
            "../scripts/recurrence/rdms.py"

    rule recurrence_path:
        input:
            rdms=lambda w: files(
                paths.RDMS, first_network(w.model), measure="euclidean"
            )[0],
        output:
            **figure_files("recurrence", "path_{model}"),
            numbers="results/tables/recurrence/path_{model}_numbers.csv",
        log:
            "results/logs/recurrence/path_{model}.log",
        benchmark:
            "results/benchmarks/recurrence/path_{model}.tsv"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(3000),
            runtime=minutes(60),
        params:
            **code("recurrence/path.py"),
            model=lambda w: w.model,
            looks=lambda w: looks([w.model]),
            comparison=RECURRENCE.path.comparison,
            resamples=RECURRENCE.path.resamples,
            seed=RECURRENCE.path.seed,
        script:
            "../scripts/recurrence/path.py"

    rule recurrence_geometry:
        input:
            coordinates=lambda w: files(paths.COORDINATES, first_network(w.model))[0],
        output:
            **figure_files("recurrence", "geometry_{model}"),
        log:
            "results/logs/recurrence/geometry_{model}.log",
        benchmark:
            "results/benchmarks/recurrence/geometry_{model}.tsv"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=minutes(120),
        params:
            **code("recurrence/geometry.py"),
            capacity=RECURRENCE.capacity.plain(),
        script:
            "../scripts/recurrence/geometry.py"

    rule recurrence_reproduction:
        input:
            output=per_model("results/tables/recurrence/output_{model}.csv")[0],
            decoding=files(RECURRENCE_DECODING, canvas_runs(RECURRENCE.models[0])),
            perturbation=per_network(RECURRENCE_PERTURBATION, RECURRENCE.models[:1]),
        output:
            table=reproduction_path("recurrence"),
        log:
            "results/logs/recurrence/reproduction.log",
        group:
            "figures"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(30),
        params:
            **code("recurrence/reproduction.py"),
            dataset=recurrence_images(RECURRENCE.models[0]),
            references=comparable_recurrence(),
        script:
            "../scripts/recurrence/reproduction.py"
