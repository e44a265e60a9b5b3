# Interactive pages beside figures, each one file; what each reads. templates.smk makes a rule of each. Pages that a
# figure's script writes itself stand with the figure.
#   results/pages/{study}/{analysis}.html

PAGES = {
    "metamers": dict(
        input=dict(
            metamers=first(ANALYSIS.measures("metamers", artifacts.METAMERS)),
            others=first(ANALYSIS.other_stimuli),
        )
    ),
    "paths": dict(
        input=dict(rdms=ANALYSIS.files(artifacts.RDMS, measure="euclidean")),
        params=dict(shown=ANALYSIS.stimuli),
    ),
    "rdms": dict(
        input=dict(
            rdms=ANALYSIS.rdms, stimuli=ANALYSIS.stimuli, originals=ANALYSIS.originals
        )
    ),
}
