# Study paths: figures and tables.
#   results/figures/paths/path_{path}.pdf, .png       results/tables/paths/path_{path}.csv, path_{path}_numbers.csv
#   results/figures/paths/embedding_{embedding}.pdf   results/tables/paths/embedding_{embedding}.csv

if STUDIES.paths:
    PATHS = STUDIES.paths
    PATH_ROWS = shown_runs(PATHS.rdm_rows)

    for row in PATHS.rdm_rows:
        require_rdms("correlation", [row.model], [row.stimuli], row.nodes)

    rule paths:
        input:
            add_targets(
                "results/figures/paths/rdm_rows.png",
                *(f"results/figures/paths/path_{path}.png" for path in PATHS.paths),
                *(
                    f"results/figures/paths/embedding_{name}.png"
                    for name in PATHS.embeddings
                ),
                reproduction_path("paths"),
            ),
        localrule: True

    rule paths_rdm_rows:
        input:
            rdms=files(paths.RDMS, PATH_ROWS, measure="correlation"),
        output:
            **figure_files("paths", "rdm_rows"),
        log:
            "results/logs/paths/rdm_rows.log",
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(1000),
            runtime=minutes(10),
        params:
            **code("paths/rdm_rows.py"),
            titles=[f"{label(row.model)},\n{row.stimuli}" for row in PATHS.rdm_rows],
            nodes=[row.nodes for row in PATHS.rdm_rows],
        script:
            "../scripts/paths/rdm_rows.py"

    rule paths_embedding:
        input:
            coordinates=lambda w: files(
                paths.COORDINATES, shown_runs([PATHS.embeddings[w.embedding]])
            ),
        output:
            **figure_files("paths", "embedding_{embedding}"),
        log:
            "results/logs/paths/embedding_{embedding}.log",
        benchmark:
            "results/benchmarks/paths/embedding_{embedding}.tsv"
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=minutes(30),
        params:
            **code("paths/embedding.py"),
            nodes=lambda w: PATHS.embeddings[w.embedding].nodes,
            perplexity=lambda w: PATHS.embeddings[w.embedding].perplexity,
        script:
            "../scripts/paths/embedding.py"

    rule paths_path:
        input:
            rdms=lambda w: path_files(w.path),
        output:
            **figure_files("paths", "path_{path}"),
            numbers="results/tables/paths/path_{path}_numbers.csv",
        log:
            "results/logs/paths/path_{path}.log",
        benchmark:
            "results/benchmarks/paths/path_{path}.tsv"
        wildcard_constraints:
            path="|".join(PATHS.paths),
        group:
            "figures"
        conda:
            "../envs/plot.yaml"
        threads: 1
        resources:
            mem_mb=grow(3000),
            runtime=minutes(30),
        params:
            **code("paths/path.py"),
            models=lambda w: path_models(w.path),
            looks=lambda w: looks(path_models(w.path)),
            title=lambda w: PATHS.paths[w.path].title,
            comparison=PATHS.comparison,
            resamples=PATHS.resamples,
            seed=PATHS.seed,
        script:
            "../scripts/paths/path.py"

    rule paths_reproduction:
        input:
            clean=path_files(PATHS.reach_clean),
            attacked=path_files(PATHS.reach_attacked),
            few=path_files(PATHS.few),
            many=path_files(PATHS.many),
            recurrent=[
                paths.HISTORY.format(model=PATHS.recurrent, seed=s)
                for s in CONFIG.models[PATHS.recurrent].seeds
            ],
        output:
            table=reproduction_path("paths"),
        log:
            "results/logs/paths/reproduction.log",
        group:
            "figures"
        conda:
            "../envs/analyse.yaml"
        threads: 1
        resources:
            mem_mb=grow(3000),
            runtime=minutes(30),
        params:
            **code("paths/reproduction.py"),
            reach={
                "clean": path_models(PATHS.reach_clean),
                "attacked": path_models(PATHS.reach_attacked),
            },
            few=path_models(PATHS.few),
            many=path_models(PATHS.many),
            comparison=PATHS.comparison,
            resamples=PATHS.resamples,
            seed=PATHS.seed,
            dataset=dataset_source(CONFIG.models[PATHS.recurrent].dataset),
            references=reference_numbers("paths"),
        script:
            "../scripts/paths/reproduction.py"
