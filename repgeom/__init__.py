"""repgeom: the representational geometry of neural networks, as a library and a Snakemake workflow."""
