# The configuration, where files stand, and what every rule shares.
from pathlib import Path

from pathfa.workflow.config import parse_config
from pathfa.core.errors import PathFAError
from pathfa.workflow.config import commands
from pathfa.workflow.environment import put_on_path
from pathfa.workflow.gate import read_verdicts
from pathfa.workflow.layout import DEMO_FILES, Layout, demo_seeds, on_disk
from pathfa.workflow.sides import with_sides

try:
    ASKED = parse_config(config, [Path(path) for path in workflow.configfiles])
except PathFAError as error:
    raise WorkflowError(f"The configuration is not valid:\n{error}")

if Path(ASKED.output).is_file():
    raise WorkflowError(
        f"output: {ASKED.output} is a file; the results need a folder. Fix: name another"
    )

CONTAINER = ASKED.container
CONFIG = on_disk(ASKED)
LAYOUT = Layout(CONFIG.output)

put_on_path()


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


def threads_of_a_fit(wildcards):
    """As many as the resources say, but not more than there are starts."""
    return min(CONFIG.resources.threads, options_of(wildcards).n_starts)


def options_of(wildcards):
    """The options of a fit."""
    return CONFIG.runs[wildcards.run]


def checks_of(wildcards):
    """What the checks found, where the configuration asks for them."""
    return [LAYOUT.checks(*wildcards)] if CONFIG.checks else []


def memory(share=1.0):
    """Memory in MB that grows with every attempt."""
    return lambda wildcards, attempt: int(CONFIG.resources.mem_mb * share * attempt)


def minutes(share=1.0):
    """Time in minutes that grows with every attempt."""
    return lambda wildcards, attempt: max(
        1, int(CONFIG.resources.runtime * share * attempt)
    )


def fitted_pairs():
    """Pairs of cohort and collection that passed the gate."""
    verdicts = read_verdicts(Path(checkpoints.gate.get().output[0]))
    return [
        (item.cohort, item.collection) for item in verdicts if item.decision == "fit"
    ]


def results(wildcards):
    """What the index page links, once the gate has spoken."""
    fits = [(*pair, run) for pair in fitted_pairs() for run in CONFIG.runs]
    reports = [LAYOUT.report(*names) for names in fits]
    return reports + [LAYOUT.tables(*names) for names in fits]
