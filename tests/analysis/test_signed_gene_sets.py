"""Signs and weights of gene sets survive a fit, a file, refits, exports and the slots of MuData."""

import numpy as np
import pandas as pd
import pytest

import pathfa as pf
from pathfa.analysis import decoys, refined_gene_sets, set_scores, write_refined_gmt
from pathfa.analysis.programmes.one_view import Unit, own_scores
from pathfa.analysis.refits.decoys import decoy_gene_sets
from pathfa.data import GeneSets, read_gmt
from pathfa.data.validation.validate import check_gene_sets

FAST = {"n_factors": 2, "loading_prior": "soft", "n_starts": 1, "progress": False}
GENES = [f"G{i}" for i in range(60)]


def signed(first: int) -> dict[str, float]:
    """Ten members that rise and ten that fall, as regulons of CollecTRI have them."""
    return {gene: 1.0 if i < 10 else -1.0 for i, gene in enumerate(GENES[first : first + 20])}


def footprint(first: int) -> dict[str, float]:
    """Signed numbers of any size, as the footprints of PROGENy."""
    sizes = np.random.default_rng(first).uniform(0.5, 3.0, 20) * np.where(np.arange(20) < 10, 1, -1)
    return {gene: float(size) for gene, size in zip(GENES[first : first + 20], sizes, strict=True)}


def kinase(first: int) -> dict[str, float]:
    """Weights below 1 and a few inhibited sites, as in signatures of PTMs."""
    return {gene: -0.5 if i % 5 == 0 else 0.8 for i, gene in enumerate(GENES[first : first + 20])}


KINDS = {"CollecTRI": signed, "PROGENy": footprint, "PTM": kinase}


@pytest.fixture(scope="module", params=KINDS)
def sets(request) -> GeneSets:
    return GeneSets({"FIRST": KINDS[request.param](0), "SECOND": KINDS[request.param](20)})


@pytest.fixture(scope="module")
def views(sets) -> dict[str, pd.DataFrame]:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(40, 2))
    w = sets.mask(GENES).toarray()
    w = w / np.abs(w).max()
    samples = [f"S{i}" for i in range(40)]
    return {
        view: pd.DataFrame(z @ w.T + 0.4 * rng.normal(size=(40, 60)), samples, GENES) for view in ("rna", "protein")
    }


@pytest.fixture(scope="module")
def model(sets, views, tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.h5"
    pf.PathFA(**FAST).fit(views, sets).save(path)
    return pf.PathFA.load(path)


def test_a_stored_model_knows_the_weights(model, sets):
    assert GeneSets(model.result_.gene_sets) == sets


def test_slots_of_mudata_hold_the_weights(model, sets, views):
    slot = model.to_mudata(views)["rna"].varm["gene_sets"]
    np.testing.assert_array_equal(slot.to_numpy(), sets.mask(GENES).toarray())
    unweighted = pf.PathFA(**FAST).fit(views, {name: list(members) for name, members in sets.items()})
    slot = unweighted.to_mudata(views)["rna"].varm["gene_sets"]
    assert set(slot.dtypes) == {np.dtype(bool)}
    assert slot.to_numpy().sum() == 40


def test_refined_sets_keep_negative_members(model, sets, tmp_path):
    table = refined_gene_sets(model)
    kept = table[table["kept"].astype(bool)]
    for name in sets:
        assert set(kept.loc[kept["source"] == name, "target"]) == set(sets[name])

    write_refined_gmt(model, tmp_path / "refined.gmt")
    written = read_gmt(tmp_path / "refined.gmt")
    for name in sets:
        same = np.sign(written.weights(name).reindex(sets[name])) == np.sign(sets.weights(name))
        assert same.all()


def test_decoys_match_size_sign_and_weights(sets):
    rng = np.random.default_rng(0)
    features = {"rna": pd.Index(GENES), "protein": pd.Index(GENES[:30])}
    drawn = decoy_gene_sets(sets, features, rng)
    for name in sets:
        decoy = drawn.weights(f"DECOY: {name}")
        assert sorted(decoy) == sorted(sets.weights(name))
        for part in (GENES[:30], GENES[30:]):  # in each combination of views the weights of these members
            own, other = (weights[weights.index.isin(part)] for weights in (sets.weights(name), decoy))
            assert sorted(own) == sorted(other)
    assert drawn != decoy_gene_sets(sets, features, rng)


def test_refits_see_the_weights(model, sets, views):
    found = decoys(views, model.result_.gene_sets, model=model, repeats=1, progress=False)
    assert set(found.loc[found["selected"], "feature"]) == set(sets)
    assert (found["effect"] > 0).all()
    assert found["decoy_share"].iloc[0] < 0.1


def test_scores_of_one_view_follow_the_activity(model):
    own = own_scores(model.result_, "rna", Unit.GENE_SET, seed=0)
    for p, name in enumerate(model.activity_):
        assert np.corrcoef(own[:, p], model.activity_[name])[0, 1] > 0.9


@pytest.mark.parametrize("method", ["ulm", "ssgsea"])
def test_other_scores_see_the_signs(model, method):
    scores = set_scores(model, method, "rna")
    for name in scores:
        assert np.corrcoef(scores[name], model.activity_[name])[0, 1] > 0.8


def test_equal_members_of_other_signs_are_not_the_same_set():
    up, down = {"A": 1.0, "B": 1.0}, {"A": -1.0, "B": 1.0}
    assert "same-gene-sets" not in [item.code for item in check_gene_sets(GeneSets({"UP": up, "DOWN": down}))]
    assert "same-gene-sets" in [item.code for item in check_gene_sets(GeneSets({"UP": up, "AGAIN": up}))]
