# Reference numbers of all studies beside ours: results/tables/reproduction.csv.
# Included last: it gathers what the studies before it have added to the targets.


rule reproduction:
    input:
        tables=reproduction_tables(),
    output:
        table="results/tables/reproduction.csv",
    log:
        "results/logs/reproduction.log",
    conda:
        "../envs/analyse.yaml"
    threads: 1
    resources:
        mem_mb=grow(1000),
        runtime=minutes(10),
    params:
        **code("reproduction.py"),
    script:
        "../scripts/reproduction.py"


add_targets("results/tables/reproduction.csv")
