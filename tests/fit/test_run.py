"""What a fit returns beside its numbers."""

from importlib import metadata

import pytest
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted

import pathfa as pf
from pathfa.fit.run import run
from pathfa.options import FitOptions

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
    assert len(names) == 21
    for name in names:
        getattr(model, name)
    assert not hasattr(clone(model), "scores_")
