"""Configurations to start from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pathfa.core.errors import ConfigError
from pathfa.core.files import write_text

TEMPLATE = """\
# Configuration of PathFA. Paths are relative to the folder in which the command runs.
#   pathfa run {name}
#   snakemake --cores 2 --configfile {name}
title: My cohorts
output: results

cohorts: # by name; or the path of a cohort sheet, such as cohorts.tsv
  mine:
    title: My first cohort
    views: # tables in tsv or csv (also gzipped), h5ad files or MTX folders
      rna: data/rna.tsv
      protein: data/protein.tsv
      # protein: {{path: data/protein.tsv, kind: ratio, zero_is_missing: true, id_table: hgnc.txt, sha256: ...}}
    covariates: data/patients.tsv # samples in rows or in columns

gene_sets: # GMT files; every cohort is fitted with every collection
  hallmark:
    path: data/h.all.v2024.1.Hs.symbols.gmt
    min_size: 5 # measured members
    max_size: 500

runs: # named sets of options; every one is a fit of its own
  main:
    n_factors: auto # the evidence chooses
    loading_prior: auto
    seed: 0
    # n_starts: 40

covariates: # columns of the table of covariates
  biological: []
  technical: [] # such as the batch; boxed in the report
  # time: survival_months
  # event: died

gate:
  on_invalid: skip # skip: the other cohorts go on; fail: nothing is fitted
  min_samples: 15
"""


def write_template(path: Path, *, force: bool, files: Sequence[Path] = ()) -> None:
    """Write a commented configuration.

    Parameters
    ----------
    path
        The file.
    force
        Whether an existing file is replaced.
    files
        Files of a cohort, from which its options are guessed.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If there is a file of that name and ``force`` is not set, or no file holds values.
    pathfa.core.errors.MissingInputError
        If one of the files does not exist.
    """
    if path.exists() and not force:
        msg = f"{path} exists already and was left as it is. Fix: choose another name, or --force to replace it"
        raise ConfigError(msg)
    if not files:
        write_text(path, TEMPLATE.format(name=path.name))
        return
    from pathfa.workflow.proposal import guess_config

    write_text(path, guess_config(files))


def demo_config(output: str, seed: int) -> dict[str, Any]:
    """Return the configuration of the demo cohort.

    Parameters
    ----------
    output
        Folder of the results.
    seed
        Seed of the simulated cohort.
    """
    return {
        "title": "PathFA demo",
        "output": output,
        "cohorts": {"demo": {"title": "Simulated demo cohort", "demo": seed}},
        "gene_sets": {"programmes": {"demo": True}},
        "runs": {"main": {"seed": seed}},
        "covariates": {"technical": ["batch"], "time": "survival_time", "event": "survival_event"},
    }
