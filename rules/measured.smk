# Measured data, and networks against them.
#   results/data/{data}/responses.h5                                      responses of subjects
#   results/data/{data}/rdms.h5                                           their RDMs, in rsatoolbox's format
#   results/inference/{model}/seed{seed}/{epoch}/{stimuli}/{options}.h5   similarities to them, in every resample


rule import_responses:
    input:
        file=lambda w: CONFIG.data[w.data].responses,
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
        file=lambda w: CONFIG.data[w.data].rdms,
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


use rule measure as inference with:
    input:
        rdms=lambda w: artifacts.RDMS.format(
            measure=PLAN.options("inference", w.options)["measure"], **descriptors(w)
        ),
        data=lambda w: artifacts.DATA_RDMS.format(
            data=PLAN.options("inference", w.options)["data"]
        ),
    output:
        arrays=artifacts.INFERENCE,
    log:
        artifacts.log(artifacts.MEASURED.replace("{measure}", "inference")),
    benchmark:
        artifacts.benchmark(artifacts.MEASURED.replace("{measure}", "inference"))
    wildcard_constraints:
        options=PLAN.known_options("inference"),
    resources:
        mem_mb=grow(2000),
        runtime=grow(120),
    params:
        **runs("inference.py"),
        options=lambda w: PLAN.options("inference", w.options),


use rule figure as inference_figure with:
    input:
        arrays=measures("inference", artifacts.INFERENCE),
    output:
        **figure_files("inference"),
        numbers=artifacts.NUMBERS,
    wildcard_constraints:
        analysis=PLAN.of_kind("inference"),
    params:
        **runs("inference_figure.py"),
        data=lambda w: CONFIG.data_label(section(w).data),


use rule figure as similarity_figure with:
    input:
        coordinates=files(artifacts.COORDINATES),
    output:
        **figure_files("similarity"),
        numbers=artifacts.NUMBERS,
    wildcard_constraints:
        analysis=PLAN.of_kind("similarity"),
    resources:
        mem_mb=grow(4000),
        runtime=grow(60),
    params:
        **runs("similarity_figure.py"),


use rule measure as encoding with:
    input:
        coordinates=artifacts.COORDINATES,
        responses=lambda w: artifacts.DATA_RESPONSES.format(
            data=PLAN.options("encoding", w.options)["data"]
        ),
    wildcard_constraints:
        measure="encoding",
    resources:
        mem_mb=grow(4000),
        runtime=grow(120),
    params:
        **runs("encoding.py"),


use rule figure as encoding_figure with:
    input:
        tables=measures("encoding"),
    output:
        **figure_files("encoding"),
        numbers=artifacts.NUMBERS,
    wildcard_constraints:
        analysis=PLAN.of_kind("encoding"),
    params:
        **runs("encoding_figure.py"),
        data=lambda w: CONFIG.data_label(section(w).data),
