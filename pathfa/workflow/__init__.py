"""The stages of a workflow, the same for Snakemake, ``pathfa run`` and single commands."""
