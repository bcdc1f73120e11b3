import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

import pathfa as pf
from pathfa.analysis import Check, Checks, run_checks
from pathfa.analysis.refits.gene_sets import uninformed
from pathfa.analysis.refits.heldout import RANKS, heldout
from pathfa.analysis.refits.predictions import HALF, HALF_ALONE, OTHERS
from pathfa.analysis.refits.refit import reference_fit
from pathfa.core.errors import AlignmentError, ConfigError, InputError, MissingInputError
from pathfa.data.preprocess.preprocessor import ViewPreprocessor

FAST = {"n_factors": 3, "loading_prior": "soft", "n_starts": 1, "progress": False}


@pytest.fixture(scope="module")
def found(cohort, model):
    return heldout(cohort.mdata, model=model, folds=3, progress=False)


def test_left_out_samples_are_predicted_where_there_is_structure(found):
    assert list(zip(found["view"], found["source"], strict=True)) == [
        (view, source) for view in ("rna", "protein") for source in (HALF, OTHERS)
    ]
    assert (found["lower"] > 0.1).all()
    assert ((found["lower"] < found["r2"]) & (found["r2"] < found["upper"])).all()
    assert (found["r2"] < found["fitted_r2"]).all()  # new samples are never fitted better
    np.testing.assert_allclose(found["gain"], found["r2"] - found["r2_without"])


def test_values_that_were_held_out_lie_where_they_were_predicted(found):
    shares = found[list(RANKS)].to_numpy()

    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    np.testing.assert_allclose(shares, 0.1, atol=0.03)  # 345 and 200 features of 50 samples
    assert (found["log_density"] > norm.expect(norm.logpdf)).all()  # a z-score without any prediction


def test_nothing_is_predicted_in_noise():
    rng = np.random.default_rng(0)
    features = [f"g{i}" for i in range(60)]
    data = {"rna": pd.DataFrame(rng.normal(size=(30, 60)), [f"s{i}" for i in range(30)], features)}
    sets = {f"set{p}": features[10 * p : 10 * p + 10] for p in range(6)}
    noise = pf.PathFA(**FAST).fit(data, sets)
    table = heldout(data, model=noise, folds=3, progress=False)
    assert table["source"].tolist() == [HALF_ALONE]
    assert table["r2"].item() < 0.005
    assert table["lower"].item() < 1e-4  # predictions are all but 0


def test_heldout_refuses_impossible_folds(cohort, model):
    for folds in (1, 51):
        with pytest.raises(ConfigError, match="folds"):
            heldout(cohort.mdata, model=model, folds=folds)


def test_gene_sets_that_are_true_raise_the_evidence_and_the_factors_stay(cohort, model):
    table = uninformed(cohort.mdata, model=model)
    evidence = table[table["level"] == "evidence"].iloc[0]
    assert evidence["with_gene_sets"] == pytest.approx(model.log_evidence_)
    assert evidence["with_gene_sets"] > evidence["without_gene_sets"] + 50.0
    factors = table[table["level"] == "factor"]
    assert factors["feature"].tolist() == model.factor_names_
    assert (factors["within"] > 0.97).all()
    assert (factors["within"] >= factors["similarity"] - 1e-9).all()
    assert table[table["level"] == "view"]["feature"].tolist() == model.view_names_


def test_gene_sets_that_are_random_are_worth_little(cohort, model):
    rng = np.random.default_rng(0)
    genes = sorted({gene for members in cohort.gene_sets.values() for gene in members})
    shuffled = dict(zip(genes, rng.permutation(genes), strict=True))
    sets = {name: [shuffled[gene] for gene in members] for name, members in cohort.gene_sets.items()}
    wrong = pf.PathFA(**FAST).fit(cohort.mdata, sets)
    gains = []
    for fitted in (model, wrong):
        row = uninformed(cohort.mdata, model=fitted).iloc[0]
        gains.append(row["with_gene_sets"] - row["without_gene_sets"])
    assert gains[1] < 0.3 * gains[0]


def test_checks_survive_their_file(tmp_path):
    cohort = pf.simulate(n_samples=20, seed=1, factors=1, gene_sets=4, other_features=5)
    model = pf.PathFA(**{**FAST, "n_factors": 1}).fit(cohort.mdata, cohort.gene_sets)
    path = tmp_path / "model.h5"
    model.save(path)
    checks = run_checks(path, cohort.mdata, folds=2, repeats=1, resamples=2, n_jobs=2, progress=False)
    assert set(checks.tables) == {str(check) for check in Check}
    assert checks.not_done == {}
    checks.save(tmp_path / "checks.json")
    again = Checks.load(tmp_path / "checks.json").of(model.result_)
    assert again.settings == checks.settings
    for name, table in checks.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table, check_dtype=False)


def test_a_check_that_cannot_be_done_says_why_and_the_others_go_on(cohort):
    few = {view: data[:4].to_df() for view, data in cohort.mdata.mod.items()}
    tiny = pf.PathFA(**{**FAST, "n_factors": 2}, tol=1e-3).fit(few, cohort.gene_sets)
    checks = run_checks(tiny, few, which=["heldout", "uninformed"], folds=2, n_jobs=1, progress=False)
    assert set(checks.tables) == {"uninformed"}
    assert "1 or fewer for 2 samples" in checks.not_done["heldout"]


def test_checks_of_another_model_are_refused(model):
    checks = Checks(model={"log_evidence": 1.0, "factors": ["F1"]}, tables={})
    with pytest.raises(InputError, match=r"1 factor and a log evidence of 1\.000.*run the checks on this model"):
        checks.of(model.result_)


@pytest.mark.parametrize("text", ["", "{}", '{"format": "pathfa-checks", "format_version": 99}'])
def test_files_that_hold_no_checks(text, tmp_path):
    path = tmp_path / "checks.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"checks\.json"):
        Checks.load(path)


def test_a_missing_file_of_checks(tmp_path):
    with pytest.raises(MissingInputError, match="no such file"):
        Checks.load(tmp_path / "checks.json")


def test_checks_of_other_data_are_refused(cohort, model):
    views = {view: data.to_df() for view, data in cohort.mdata.mod.items()}
    with pytest.raises(AlignmentError, match=r"1 view of the model is absent .*protein"):
        run_checks(model, {"rna": views["rna"]}, folds=2, n_jobs=1, progress=False)
    fewer = {view: table.iloc[:20] for view, table in views.items()}
    with pytest.raises(AlignmentError, match="samples of the model are absent and 0 are not of the model"):
        run_checks(model, fewer, folds=2, n_jobs=1, progress=False)


def test_an_unknown_check(cohort, model):
    with pytest.raises(ConfigError, match="use which='decoys'"):
        run_checks(model, cohort.mdata, which=["decoy"])


def test_a_saved_model_is_refitted_with_its_preprocessing(cohort, tmp_path):
    path = tmp_path / "model.h5"
    options = {**FAST, "preprocess": {"rna": ViewPreprocessor(min_sd=0.1)}}
    pf.PathFA(**options).fit(cohort.mdata, cohort.gene_sets).save(path)
    _, unfitted = reference_fit(path, cohort.mdata, {}, {})
    assert unfitted.preprocess == options["preprocess"]
