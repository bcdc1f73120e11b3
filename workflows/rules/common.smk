# The configuration, where files stand, and what every rule shares.
import os
import sys
from pathlib import Path

from pathfa.config import parse_config
from pathfa.errors import PathFAError
from pathfa.pipeline import commands
from pathfa.pipeline.gate import read_verdicts
from pathfa.pipeline.layout import DEMO_FILES, Layout, demo_seeds, on_disk

try:
    ASKED = parse_config(config, [Path(path) for path in workflow.configfiles])
except PathFAError as error:
    raise WorkflowError(f"The configuration is not valid:\n{error}")

CONFIG = on_disk(ASKED)
LAYOUT = Layout(CONFIG.output)

# Jobs call the command line of the installation that runs Snakemake; a conda environment or container puts its own first.
os.environ["PATH"] = os.pathsep.join(
    [str(Path(sys.executable).parent), os.environ["PATH"]]
)


wildcard_constraints:
    cohort="[A-Za-z0-9][A-Za-z0-9._-]*",
    collection="[A-Za-z0-9][A-Za-z0-9._-]*",
    run="[A-Za-z0-9][A-Za-z0-9._-]*",
    seed="[0-9]+",


def cohort_of(wildcards):
    return CONFIG.cohorts[wildcards.cohort]


def collection_of(wildcards):
    return CONFIG.gene_sets[wildcards.collection]


def collections_of(wildcards):
    """The collections that a cohort is fitted with."""
    return cohort_of(wildcards).gene_sets or tuple(CONFIG.gene_sets)


def present(files):
    """The files that exist or are made by a rule: the absent ones are the gate's business, not an error of the whole workflow."""
    return [
        file.path
        for file in files
        if file is not None
        and (Path(file.path).exists() or file.path.startswith(f"{LAYOUT.output}/"))
    ]


def data_files(wildcards):
    cohort = cohort_of(wildcards)
    return present([*cohort.views.values(), cohort.mudata, cohort.samples])


def covariate_file(wildcards):
    return present([cohort_of(wildcards).covariates])


def memory(share=1.0):
    """Memory in MB that grows with every attempt."""
    return lambda wildcards, attempt: int(CONFIG.resources.mem_mb * share * attempt)


def minutes(share=1.0):
    """Time in minutes that grows with every attempt."""
    return lambda wildcards, attempt: max(
        1, int(CONFIG.resources.runtime * share * attempt)
    )
