"""A fit on another device: the same code, the same numbers, and what is said when its memory is full."""

import numpy as np
import pandas as pd
import pytest
import torch

import pathfa as pf
from pathfa.fit.run import run
from pathfa.options import FitOptions
from pathfa.simulation.cohort import SimulatedView

OPTIONS = {"n_factors": 2, "n_starts": 4, "max_iter": 8, "progress": False, "n_jobs": 1}
SMALL = {"rna": SimulatedView(n_features=40), "protein": SimulatedView(n_features=30)}


def without_some(views: dict[str, pd.DataFrame]) -> None:
    views["protein"].iloc[3:9, 5:20] = np.nan


def without_samples(views: dict[str, pd.DataFrame]) -> None:
    views["protein"] = views["protein"].iloc[: len(views["protein"]) * 3 // 5]


def with_a_bad_sample(views: dict[str, pd.DataFrame]) -> None:
    views["rna"].iloc[2] *= 4.0


CASES = {
    "complete": (30, lambda _: None, {}),
    "missing values": (30, without_some, {}),
    "left-censored": (30, without_some, {"left_censored": ["protein"]}),
    "qualities": (30, with_a_bad_sample, {"scale": "center"}),
    "compressed": (200, without_samples, {}),
}


def data_of(case: str) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]], dict[str, object]]:
    n, change, more = CASES[case]
    drawn = pf.simulate(n_samples=n, seed=1, views=SMALL)
    views = {name: data.to_df() for name, data in drawn.mdata.mod.items()}
    change(views)
    return views, drawn.gene_sets, {**OPTIONS, **more}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_no_tensor_of_a_fit_is_made_where_nobody_said(case):
    """A tensor that is made without a device would be one without data here, and the fit would stop."""
    views, sets, options = data_of(case)
    expected = run(FitOptions(**options, device="cpu"), views, sets)
    torch.set_default_device("meta")
    try:
        found = run(FitOptions(**options, device="cpu"), views, sets)
    finally:
        torch.set_default_device(None)
    pd.testing.assert_frame_equal(found.scores, expected.scores)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_a_gpu_gives_the_numbers_of_the_processor(case):
    views, sets, options = data_of(case)
    one, other = (run(FitOptions(**options, device=device), views, sets) for device in ("cpu", "cuda"))
    assert other.log_evidence == pytest.approx(one.log_evidence, rel=1e-8)
    for a, b in ((one.scores, other.scores), (one.activity, other.activity)):
        np.testing.assert_allclose(b.to_numpy(), a.to_numpy(), rtol=1e-8, atol=1e-8)


def test_a_device_whose_memory_is_full_says_what_to_do(monkeypatch):
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9.00 GiB.")

    views, sets, options = data_of("complete")
    monkeypatch.setattr("pathfa.fit.run.search", full)
    with pytest.raises(pf.errors.InputError, match="Tried to allocate") as caught:
        run(FitOptions(**options, device="cpu"), views, sets)
    (finding,) = caught.value.findings
    assert finding.code == "out-of-memory"
    assert "device='cpu'" in finding.fix
