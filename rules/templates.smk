# The rules of what measures.smk, figures.smk and pages.smk list: what jobs of a sort have in common.

for MEASURE, JOB in MEASURES.items():
    MADE = artifacts.of_measure(artifacts.MEASURED, MEASURE)

    rule:
        name:
            MEASURE
        input:
            **JOB["input"],
        output:
            **JOB.get(
                "output", {"table": artifacts.of_measure(artifacts.MEASURES, MEASURE)}
            ),
        log:
            artifacts.log(MADE),
        benchmark:
            artifacts.benchmark(MADE)
        wildcard_constraints:
            options=PLAN.known_options(MEASURE),
        conda:
            "../envs/repgeom.yaml"
        threads: 1
        resources:
            **({"mem_mb": grow(2000), "runtime": grow(60)} | JOB.get("resources", {})),
        params:
            **(
                runs(f"{MEASURE}.py")
                | {
                    "options": NETWORK.options(MEASURE),
                    "descriptors": NETWORK.descriptors,
                }
                | PLAN.projection(MEASURE)
                | JOB.get("params", {})
            ),
        script:
            "../scripts/{params.script}"


for KIND, JOB in FIGURES.items():

    rule:
        name:
            artifacts.rule_of_figure(KIND)
        input:
            **JOB["input"],
        output:
            **(figure_files(KIND) | JOB.get("output", {})),
        log:
            artifacts.log("figures/{analysis}"),
        benchmark:
            artifacts.benchmark("figures/{analysis}")
        wildcard_constraints:
            analysis=JOB.get("analysis") or PLAN.of_kind(KIND),
        group:
            JOB.get("group") or together("figures")
        conda:
            "../envs/repgeom.yaml"
        threads: 1
        resources:
            **({"mem_mb": grow(1000), "runtime": grow(30)} | JOB.get("resources", {})),
        params:
            **(
                runs(f"{KIND}_figure.py")
                | ANALYSIS.told()
                | PLAN.projection(KIND)
                | JOB.get("params", {})
            ),
        script:
            "../scripts/{params.script}"


for KIND, JOB in PAGES.items():

    rule:
        name:
            f"{KIND}_page"
        input:
            **JOB["input"],
        output:
            page=artifacts.PAGE,
        log:
            artifacts.log("pages/{analysis}"),
        wildcard_constraints:
            analysis=PLAN.of_kind(KIND),
        group:
            "figures"
        conda:
            "../envs/repgeom.yaml"
        threads: 1
        resources:
            mem_mb=grow(2000),
            runtime=grow(30),
        params:
            **(runs(f"{KIND}_page.py") | ANALYSIS.told() | JOB.get("params", {})),
        script:
            "../scripts/{params.script}"
