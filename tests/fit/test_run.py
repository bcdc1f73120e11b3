"""What a fit returns beside its numbers."""

from importlib import metadata

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

import pathfa as pf
from pathfa.fit.run import run
from pathfa.options import FitOptions
from pathfa.simulation.cohort import SimulatedView

QUICK = {"n_factors": 2, "n_starts": 1, "loading_prior": "strict", "progress": False}


@pytest.fixture(scope="module")
def simulated():
    return pf.simulate(n_samples=30, seed=1)


def test_a_fit_from_python_knows_where_it_comes_from(simulated, tmp_path):
    protein = simulated.mdata.mod["protein"].to_df()
    protein.to_csv(tmp_path / "protein.tsv", sep="\t")
    cohort = pf.read_cohort({"protein": tmp_path / "protein.tsv"}, gene_sets=simulated.gene_sets)

    read = pf.PathFA(**QUICK).fit(cohort, simulated.gene_sets).provenance_
    given = pf.PathFA(**QUICK).fit({"protein": protein}, simulated.gene_sets).provenance_

    assert [entry["path"] for entry in read["inputs"]] == [str(tmp_path / "protein.tsv")]
    assert len(read["inputs"][0]["sha256"]) == 64
    assert given["inputs"] == []
    assert read["shapes"] == given["shapes"] == {"protein": list(protein.shape)}
    assert given["packages"]["torch"] == metadata.version("torch")


def test_what_the_caller_knows_becomes_part_of_the_provenance(simulated):
    result = run(FitOptions(**QUICK), simulated.mdata, simulated.gene_sets, source={"command": "pathfa fit"})

    assert result.provenance["command"] == "pathfa fit"
    assert result.settings["parameters"] == FitOptions(**QUICK).to_dict()


@pytest.fixture(scope="module")
def many():
    """More samples than features: such cohorts are compressed for the fit."""
    simulated = pf.simulate(
        n_samples=120, seed=2, views={"rna": SimulatedView(n_features=40), "protein": SimulatedView(n_features=30)}
    )
    return {name: data.to_df() for name, data in simulated.mdata.mod.items()}, simulated.gene_sets


def test_a_cohort_of_more_samples_than_features_keeps_its_values(many):
    views, sets = many
    kept = pf.PathFA(**QUICK).fit(views, sets).result_.data

    assert list(kept) == list(views)
    for name, table in views.items():
        zscored = (table - table.mean()) / table.std(ddof=0)
        assert list(kept[name].index) == list(table.index)
        np.testing.assert_allclose(kept[name], zscored[kept[name].columns], atol=0.02)
    assert pf.PathFA(**QUICK, keep_data=False).fit(views, sets).result_.data == {}


def test_a_cohort_too_large_to_be_kept_says_so_and_has_a_report(many, monkeypatch, tmp_path):
    monkeypatch.setattr("pathfa.fit.problem.MOST_KEPT", 120 * 60)
    model = pf.PathFA(**QUICK).fit(*many)

    assert model.result_.data == {}
    assert [item.code for item in model.findings_ if item.code == "values-not-kept"] == ["values-not-kept"]
    assert pf.report(model, tmp_path / "report.html").is_file()


def test_a_model_is_an_estimator(simulated):
    model = pf.PathFA(**QUICK)
    assert clone(model).get_params() == model.get_params()
    assert not hasattr(model, "scores_")
    with pytest.raises(AttributeError):
        _ = model.result_
    with pytest.raises(pf.errors.NotFittedError, match="call fit"):
        model.save("model.h5")

    model.set_params(n_factors=1).fit(simulated.mdata, simulated.gene_sets)

    check_is_fitted(model)
    assert hasattr(model, "scores_")
    names = [name for name in dir(model) if name.endswith("_") and not name.startswith("_") and name != "result_"]
    assert len(names) == 26
    for name in names:
        getattr(model, name)
    assert not hasattr(clone(model), "scores_")


def test_a_view_without_annotated_features_is_named_where_these_alone_count(many):
    views, sets = many
    renamed = {**views, "protein": views["protein"].rename(columns=lambda name: f"ADT {name}")}
    with pytest.raises(pf.errors.InputError, match="view 'protein': none of its features is in a gene set"):
        pf.PathFA(**QUICK, features="annotated").fit(renamed, sets)
