"""New samples on the command line."""

import json

import pandas as pd
import pytest

import pathfa as pf
from pathfa.cli import main
from pathfa.cli.console import Exit

NEW = tuple(f"S{number}" for number in range(41, 51))


@pytest.fixture(scope="module")
def views():
    cohort = pf.simulate(n_samples=50, seed=3)
    return {name: data.to_df() for name, data in cohort.mdata.mod.items()}, cohort.gene_sets


@pytest.fixture(scope="module")
def model(views):
    tables, gene_sets = views
    trained = {name: table.drop(index=list(NEW), errors="ignore") for name, table in tables.items()}
    return pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(trained, gene_sets)


@pytest.fixture
def predict(model, tmp_path, capsys):
    """Run the command on tables of samples x features, and return its code, its answer and the tables it wrote."""
    model.save(tmp_path / "model.h5")

    def run(views, *words):
        for name, table in views.items():
            table.T.to_csv(tmp_path / f"{name}.tsv", sep="\t", index_label="gene")
            words = (*words, "--view", f"{name}={tmp_path}/{name}.tsv")
        code = main(["predict", str(tmp_path / "model.h5"), "--out", str(tmp_path / "out"), "--json", *words])
        answer = json.loads(capsys.readouterr().out)
        written = {path.stem: pd.read_csv(path, sep="\t", index_col=0) for path in (tmp_path / "out").glob("*.tsv")}
        return code, answer, written

    return run


def _codes(answer):
    return {finding["code"] for finding in answer["findings"]}


def _same(written, *expected):
    for table, values in zip(written, expected, strict=True):
        pd.testing.assert_frame_equal(
            table, values, check_names=False, check_index_type=False, check_column_type=False, rtol=1e-6, atol=1e-9
        )


def test_new_samples_that_lack_a_view(predict, model, views):
    new = {"rna": views[0]["rna"].loc[list(NEW)]}

    code, answer, written = predict(new)

    assert code == Exit.DONE
    assert _codes(answer) == set()
    assert len(answer["files"]) == len(written) == 11
    _same((written["scores"], written["scores_sd"]), *model.transform(new, return_std=True))
    _same((written["activity"], written["activity_sd"]), *model.activity(new, return_std=True))
    for view in ("rna", "protein"):
        tables = (written[f"view_activity.{view}"], written[f"view_activity_sd.{view}"])
        _same(tables, *model.activity(new, view=view, return_std=True))
    pair = (written["predicted.protein"], written["predicted_sd.protein"])
    _same(pair, *model.predict(new, "protein", return_std=True))


def test_samples_in_every_view_are_predicted_where_it_is_asked_for(predict, views):
    new = {name: table[table.index.isin(NEW)] for name, table in views[0].items()}

    assert not any(name.startswith("predicted") for name in predict(new)[2])
    assert {"predicted.rna", "predicted_sd.rna"} <= predict(new, "--predict", "rna")[2].keys()


def test_what_is_odd_about_new_samples_is_found(predict, views):
    rna = views[0]["rna"]
    lacking = rna.loc[["S39", "S40", *NEW]].iloc[:, :100]

    code, answer, written = predict({"rna": lacking})

    assert code == Exit.DONE
    assert _codes(answer) == {"lacking-features", "trained-samples"} == set(written["findings"]["code"])
    counts = {finding["code"]: finding["count"] for finding in answer["findings"]}
    assert counts == {"lacking-features": rna.shape[1] - 100, "trained-samples": 2}


def test_values_in_other_units_are_found(predict, views):
    code, answer, _ = predict({"rna": views[0]["rna"].loc[list(NEW)] * 50 + 300})
    assert code == Exit.DONE
    assert "other-units" in _codes(answer)


@pytest.mark.parametrize("words", [("--predict", "metabolites"), ("--view", "metabolites=rna.tsv")])
def test_a_view_that_the_model_lacks_is_an_error(words, predict, views, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, answer, written = predict({"rna": views[0]["rna"].loc[list(NEW)]}, *words)
    assert code == Exit.BAD_DATA
    assert "rna, protein" in answer["message"]
    assert not written
