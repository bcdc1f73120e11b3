"""Starts that were fitted apart make the model of a fit in one process."""

from dataclasses import replace

import pandas as pd
import pytest
import torch

import pathfa as pf
from pathfa.fit.assemble import agreement
from pathfa.inference.selection.rule import CLOSE
from pathfa.simulation.cohort import SimulatedView

STARTS = 4
TOL = 1e-6  # nats per value, the default
VIEWS = {"rna": SimulatedView(n_features=120), "protein": SimulatedView(n_features=60, missing=0.05)}


@pytest.fixture(scope="module")
def simulated():
    return pf.simulate(n_samples=30, seed=2, views=VIEWS, gene_sets=12, factors=3)


def fitted(simulated, **options):
    options = {"n_factors": 3, "n_starts": STARTS, "n_jobs": 1, "progress": False, **options}
    return pf.PathFA(**options).fit(simulated.mdata, simulated.gene_sets).result_


@pytest.fixture(scope="module", params=["strict", "soft"])
def both(request, simulated):
    """The fit in one process, and its starts one by one."""
    whole = fitted(simulated, loading_prior=request.param)
    return whole, [fitted(simulated, loading_prior=request.param, only_start=1 + i) for i in range(STARTS)]


def test_the_same_model_comes_out(both):
    whole, parts = both
    best = pf.select(parts)

    assert best.log_evidence == pytest.approx(whole.log_evidence, abs=TOL * whole.settings["n_values"])
    assert agreement(*(torch.as_tensor(item.scores.to_numpy()) for item in (best, whole))) > 0.9999
    same = int(whole.selection.loc[whole.selection["chosen"], "seed"].iloc[0])  # the seed of the run is 0
    assert parts[same].log_evidence == pytest.approx(whole.log_evidence, abs=1e-9)
    pd.testing.assert_frame_equal(parts[same].scores, whole.scores, rtol=1e-9, atol=1e-9)


def test_all_candidates_are_listed_as_in_one_process(both):
    whole, parts = both
    best = pf.select(parts)

    assert best.settings["parameters"] | {"n_jobs": 1} == whole.settings["parameters"]
    mine, theirs = (item.selection.set_index("seed").sort_index() for item in (best, whole))
    assert list(mine["start"]) == list(theirs["start"])
    assert mine["chosen"].sum() == 1
    assert mine["finished"].all()
    assert mine.loc[mine["chosen"], "agreement"].iloc[0] == pytest.approx(1.0)
    ended = mine.index[
        (mine["log_evidence"] - theirs["log_evidence"]).abs() < 0.1
    ]  # in one process others stop earlier
    assert len(ended) >= 2
    assert mine.loc[ended, "agreement"].to_dict() == pytest.approx(theirs.loc[ended, "agreement"].to_dict(), abs=1e-3)
    close = mine["log_evidence"] > best.log_evidence - CLOSE * best.settings["n_values"]
    assert sorted(best.settings["close_starts"]) == sorted(mine.loc[close & ~mine["chosen"], "start"])
    assert best.provenance["seconds"] == pytest.approx(sum(part.provenance["seconds"] for part in parts))


def test_files_are_read_and_the_order_does_not_matter(both, tmp_path):
    _, parts = both
    paths = [tmp_path / f"{number}.h5" for number in range(STARTS)]
    for part, path in zip(parts, paths, strict=True):
        part.save(path)

    best = pf.select([*paths[:0:-1], parts[0]])

    assert best.log_evidence == pytest.approx(pf.select(parts).log_evidence, abs=TOL * best.settings["n_values"])
    best.save(tmp_path / "model.h5")
    read = pf.PathFA.load(tmp_path / "model.h5")
    assert read.only_start is None
    assert len(read.selection_) == STARTS


def _with(part, prior="strict", evidence=0.0, share=1.0, weights=10):
    """Return a model whose chosen candidate is worth this, evidence in nats above that of the part."""
    table = part.selection[part.selection["chosen"]]
    value = part.log_evidence + evidence
    table = table.assign(loading_prior=prior, log_evidence=value, annotated_share=share, n_weights=weights)
    return replace(part, selection=table, evidence_terms={"all": value})


@pytest.mark.parametrize(
    ("worth", "winner"),
    [
        ([{"evidence": 0.0}, {"evidence": 1000.0}, {"evidence": 500.0}], 1),
        ([{"weights": 12}, {"evidence": -0.1, "weights": 9}], 1),  # as good, and plainer
        ([{"share": 0.8}, {"evidence": -0.1, "share": 0.9, "weights": 99}], 1),
        ([{"weights": 12}, {"evidence": -1000.0, "weights": 9}], 0),  # plainer, but not as good
        ([{"prior": "soft", "evidence": 4.0}, {"prior": "strict"}], 1),  # a tie goes to the simpler model
        ([{"prior": "soft", "evidence": 6.0}, {"prior": "strict"}], 0),
        ([{"prior": "soft", "evidence": 6.0, "share": 0.5}, {"prior": "soft", "evidence": 6.1}, {}], 1),
    ],
)
def test_the_rule(both, worth, winner):
    _, parts = both
    models = [_with(part, **item) for part, item in zip(parts, worth, strict=False)]

    best = pf.select(models)

    assert list(best.selection["chosen"]) == [position == winner for position in range(len(worth))]
    assert best.log_evidence == models[winner].log_evidence


def test_models_of_other_data_are_refused_by_name(simulated, tmp_path):
    model = fitted(simulated, n_starts=1, loading_prior="strict")
    fewer = dict(list(simulated.gene_sets.items())[:-1])
    other_sets = pf.PathFA(n_factors=3, n_starts=1, loading_prior="strict", progress=False).fit(simulated.mdata, fewer)
    other_samples = fitted(replace(simulated, mdata=simulated.mdata[:-1].copy()), n_starts=1, loading_prior="strict")
    other_values = fitted(simulated, n_starts=1, loading_prior="strict", scale="center")
    model.save(tmp_path / "a.h5")
    other_samples.save(tmp_path / "b.h5")

    with pytest.raises(pf.errors.InputError) as caught:
        pf.select([tmp_path / "a.h5", tmp_path / "b.h5", other_sets, other_values])

    said = [str(item) for item in caught.value.findings]
    assert len(said) == 3
    assert f"b.h5: other samples, values than {tmp_path}/a.h5" in said[0]
    assert "model 3: other gene sets than" in said[1]
    assert "model 4: other values than" in said[2]
    assert all("Fix: " in text for text in said)


def test_what_cannot_be_selected_from_is_told(both, tmp_path):
    _, parts = both
    old = replace(parts[0], selection=parts[0].selection.drop(columns="annotated_share"))
    with pytest.raises(pf.errors.ConfigError, match="no model"):
        pf.select([])
    with pytest.raises(pf.errors.InputError, match="fit it again"):
        pf.select([old])
    with pytest.raises(pf.errors.MissingInputError, match="no such file"):
        pf.select([tmp_path / "absent.h5"])


def test_one_file_is_not_taken_for_two_starts(both, tmp_path):
    path = tmp_path / "a.h5"
    both[0].save(path)
    with pytest.raises(pf.errors.ConfigError, match="given more than once"):
        pf.select([path, path])


@pytest.mark.parametrize("only", [0, STARTS + 1, "first"])
def test_a_start_that_is_not_planned_is_refused(simulated, only):
    with pytest.raises(pf.errors.ConfigError, match="from 1 to n_starts, 4"):
        fitted(simulated, only_start=only)
