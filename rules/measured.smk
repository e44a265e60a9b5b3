# Measured data.
#   results/data/{data}/responses.h5                                      responses of subjects
#   results/data/{data}/rdms.h5                                           their RDMs, in rsatoolbox's format


rule import_responses:
    input:
        file=lambda w: sources.here(CONFIG.data[w.data].responses),
    output:
        responses=artifacts.DATA_RESPONSES,
    log:
        artifacts.log("import_responses/{data}"),
    wildcard_constraints:
        data=sources.data_from(CONFIG, "responses"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(4000),
        runtime=grow(30),
    params:
        **code("import_responses.py"),
        ids=lambda w: CONFIG.data[w.data].ids,
    script:
        "../scripts/import_responses.py"


rule simulate_responses:
    input:
        coordinates=lambda w: sources.simulated_from(CONFIG, w.data),
    output:
        responses=artifacts.DATA_RESPONSES,
    log:
        artifacts.log("simulate_responses/{data}"),
    wildcard_constraints:
        data=sources.data_from(CONFIG, "simulated"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=grow(30),
    params:
        **code("simulate_responses.py"),
        options=lambda w: CONFIG.data[w.data].simulated.plain(),
    script:
        "../scripts/simulate_responses.py"


rule import_rdms:
    input:
        file=lambda w: sources.here(CONFIG.data[w.data].rdms),
    output:
        rdms=artifacts.DATA_RDMS,
    log:
        artifacts.log("import_rdms/{data}"),
    wildcard_constraints:
        data=sources.data_from(CONFIG, "rdms"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(2000),
        runtime=grow(30),
    params:
        **code("import_rdms.py"),
        ids=lambda w: CONFIG.data[w.data].ids,
        subjects=lambda w: CONFIG.data[w.data].subjects,
    script:
        "../scripts/import_rdms.py"


rule measured_rdms:
    input:
        responses=artifacts.DATA_RESPONSES,
    output:
        rdms=artifacts.DATA_RDMS,
    log:
        artifacts.log("measured_rdms/{data}"),
    wildcard_constraints:
        data=sources.data_from(CONFIG, "responses", "simulated"),
    conda:
        "../envs/repgeom.yaml"
    threads: 1
    resources:
        mem_mb=grow(4000),
        runtime=grow(30),
    params:
        **code("measured_rdms.py"),
        distance=lambda w: CONFIG.data[w.data].distance,
    script:
        "../scripts/measured_rdms.py"
