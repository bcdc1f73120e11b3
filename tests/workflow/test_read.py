"""The files of a configuration, and the columns of covariates that it asks for."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pathfa.core.errors import ConfigError, InputError
from pathfa.options import FitOptions
from pathfa.workflow import actions
from pathfa.workflow.config import CohortSource, Collection, File, Roles, parse_config
from pathfa.workflow.validation import shown_columns, validate_cohort


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


def test_the_gene_sets_tell_where_the_samples_are_also_to_stages_that_lack_them(turned, tmp_path):
    source, item = turned

    found = validate_cohort("a", source, {"sets": item}, Roles(), tmp_path / "found.json")
    assert (found["n_samples"], found["samples_in_rows"]) == (20, ["rna"])
    assert actions.ingest(source, tmp_path / "cohort.h5mu", tmp_path / "found.json")["n_samples"] == 20
    assert actions.ingest(source, tmp_path / "other.h5mu")["n_samples"] == 40  # nothing says that they are in rows


def test_a_validation_says_what_the_values_were_taken_for(turned, tmp_path):
    source, item = turned
    given = {"views": {"rna": source.views["rna"], "calls": replace(source.views["rna"], options={"kind": "zscored"})}}
    scales = validate_cohort("a", replace(source, **given), {"sets": item}, Roles(), None)["scales"]
    assert scales["rna"].startswith("taken for ratio: values from -")
    assert scales["calls"] == "declared as zscored; fitted as they are"


def test_covariates_tell_which_table_must_be_turned_where_the_gene_sets_do_not(turned, tmp_path):
    source, _ = turned
    (tmp_path / "sets.gmt").write_text("other\t\tP1\tP2\tP3\tP4\tP5\n")
    (tmp_path / "patients.csv").write_text("sample,age\n" + "".join(f"S{i},5{i}\n" for i in range(20)))
    source = replace(source, covariates=File(path=str(tmp_path / "patients.csv")))

    item = Collection(path=str(tmp_path / "sets.gmt"))
    (finding,) = validate_cohort("a", source, {"sets": item}, Roles(), None)["findings"]
    assert finding["fix"] == "they are the features of view 'rna': set samples_in: rows there"


def test_columns_with_a_role_are_looked_for_before_anything_is_fitted(turned, tmp_path):
    source, item = turned
    (tmp_path / "patients.csv").write_text("sample,batch,months\n" + "".join(f"S{i},a,\n" for i in range(20)))
    source = replace(source, covariates=File(path=str(tmp_path / "patients.csv")))

    roles = Roles(technical=("bach",), time="months", event="died")
    findings = validate_cohort("a", source, {"sets": item}, roles, None)["findings"]
    assert [(each["code"], each["severity"]) for each in findings] == [
        ("unknown-covariate", "error"),
        ("unknown-covariate", "error"),
        ("empty-covariate", "error"),
    ]
    assert findings[0]["fix"] == "did you mean 'batch'?"
    assert "'months'" in findings[2]["found"]


def test_times_and_events_are_looked_at_before_anything_is_fitted(turned, tmp_path):
    source, item = turned
    rows = "".join(f"S{i},{i - 1},{'lost' if i % 2 else 'no'}\n" for i in range(20))
    rows += "elsewhere,unknown,perhaps\n"  # not a patient of the cohort
    (tmp_path / "patients.csv").write_text("sample,months,died\n" + rows)
    source = replace(source, covariates=File(path=str(tmp_path / "patients.csv")))

    findings = validate_cohort("a", source, {"sets": item}, Roles(time="months", event="died"), None)["findings"]
    assert [(each["code"], each["place"]) for each in findings] == [
        ("bad-time", "covariates, column 'months'"),
        ("zero-time", "covariates, column 'months'"),
        ("bad-event", "covariates, column 'died'"),
    ]
    assert findings[0]["examples"] == ["S0: -1"]
    assert findings[1]["examples"] == ["S1"]
    assert findings[2]["examples"] == ["lost"]


def test_a_cohort_without_covariates_is_fitted_beside_those_with_some(turned):
    source, item = turned

    (finding,) = validate_cohort("a", source, {"sets": item}, Roles(technical=("batch",)), None)["findings"]
    assert (finding["code"], finding["severity"]) == ("no-covariates", "warning")


def test_a_fit_with_gene_sets_of_another_species_says_so(turned, tmp_path):
    source, _ = turned
    members = "\t".join(f"g{i}" for i in range(40))  # in another case
    (tmp_path / "rat.gmt").write_text(f"set\t\t{members}\n")
    item = Collection(path=str(tmp_path / "rat.gmt"))
    table = pd.read_csv(tmp_path / "rna.tsv", sep="\t", index_col=0)
    table.T.to_csv(tmp_path / "rna.tsv", sep="\t")

    with pytest.raises(InputError, match="gene sets of that species"):
        actions.fit(source, item, FitOptions(), tmp_path / "model.h5", n_jobs=1)


def test_an_absent_column_is_told_with_how_many_there_are():
    table = pd.DataFrame(1, index=["a"], columns=[f"c{i}" for i in range(27)])

    with pytest.raises(ConfigError, match=r"one of c0, .*, c19 and 7 more\. Fix"):
        shown_columns(table, Roles(biological=("absent",)))

    with pytest.raises(ConfigError, match=r"one of c0, c1\. Fix: did you mean 'c1'\?"):
        shown_columns(table[["c0", "c1"]], Roles(biological=("c1x",)))
