# What can be decoded from every node of one network, and the figures that join networks.


use rule measure as decoding with:
    input:
        coordinates=artifacts.COORDINATES,
    wildcard_constraints:
        measure="decoding",
    resources:
        mem_mb=grow(3000),
        runtime=grow(120),
    params:
        **runs("decoding.py"),


use rule figure as decoding_figure with:
    input:
        tables=measures("decoding"),
    output:
        **figure_files("decoding"),
    wildcard_constraints:
        analysis=PLAN.of_kind("decoding"),
    params:
        **runs("decoding_figure.py"),
        published=published_numbers,


use rule figure as auxiliary_decoding_figure with:
    input:
        tables=measures("decoding"),
    output:
        **figure_files("auxiliary_decoding"),
    wildcard_constraints:
        analysis=PLAN.of_kind("auxiliary_decoding"),
    params:
        **runs("auxiliary_decoding_figure.py"),
        published=published_numbers,
