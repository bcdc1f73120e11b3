"""The files of a configuration, and the columns of covariates that it asks for."""

import numpy as np
import pandas as pd
import pytest

from pathfa.config import CohortSource, Collection, FitOptions, Roles, parse_config
from pathfa.errors import ConfigError, InputError
from pathfa.pipeline import stages
from pathfa.pipeline.read import asked_columns


@pytest.fixture
def turned(tmp_path) -> tuple[CohortSource, Collection]:
    """A table with samples in rows, which no sample sheet knows, and the gene sets of its columns."""
    genes = [f"G{i}" for i in range(40)]
    values = np.random.default_rng(0).normal(size=(20, 40))
    pd.DataFrame(values, [f"S{i}" for i in range(20)], genes).to_csv(tmp_path / "rna.tsv", sep="\t")
    (tmp_path / "sets.gmt").write_text("".join(f"set{k}\t\t" + "\t".join(genes[k::4]) + "\n" for k in range(4)))
    config = parse_config(
        {
            "cohorts": {"a": {"views": {"rna": str(tmp_path / "rna.tsv")}}},
            "gene_sets": {"sets": str(tmp_path / "sets.gmt")},
        }
    )
    return config.cohorts["a"], config.gene_sets["sets"]


def test_by_hand_the_gene_sets_tell_where_the_samples_are(turned, tmp_path):
    source, item = turned

    assert stages.validate("a", source, {"sets": item}, None)["n_samples"] == 20
    # a workflow reads the cohort before its gene sets, and must not find what the next stage does not
    assert stages.validate("a", source, {"sets": item}, tmp_path / "found.json")["n_samples"] == 40


def test_a_fit_with_gene_sets_of_another_species_says_so(turned, tmp_path):
    source, _ = turned
    members = "\t".join(f"g{i}" for i in range(40))  # in another case
    (tmp_path / "rat.gmt").write_text(f"set\t\t{members}\n")
    item = Collection(path=str(tmp_path / "rat.gmt"))
    table = pd.read_csv(tmp_path / "rna.tsv", sep="\t", index_col=0)
    table.T.to_csv(tmp_path / "rna.tsv", sep="\t")

    with pytest.raises(InputError, match="gene sets of that species"):
        stages.fit(source, item, FitOptions(), tmp_path / "model.h5", n_jobs=1, progress=False)


def test_an_absent_column_is_told_with_how_many_there_are():
    columns = [f"c{i}" for i in range(27)]

    with pytest.raises(ConfigError, match=r"one of c0, .*, c19 and 7 more\. Fix"):
        asked_columns(columns, Roles(biological=["absent"]))

    with pytest.raises(ConfigError, match=r"one of c0, c1\. Fix: did you mean 'c1'\?"):
        asked_columns(columns[:2], Roles(biological=["c1x"]))
