"""Models that earlier versions wrote are read with the numbers that those versions told."""

import json
from pathlib import Path

import numpy as np
import pytest

import pathfa as pf

FOLDER = Path(__file__).parent / "models"


@pytest.fixture(scope="module", params=sorted(path.stem for path in FOLDER.glob("*.h5")))
def written(request):
    return pf.PathFA.load(FOLDER / f"{request.param}.h5"), json.loads((FOLDER / f"{request.param}.json").read_text())


def test_estimates_are_those_that_were_written(written):
    model, told = written
    assert model.log_evidence_ == told["log_evidence"]
    np.testing.assert_allclose(model.factor_activity_, told["activity"], rtol=1e-12)


def test_intervals_are_those_of_the_version_that_wrote_it(written):
    model, told = written
    np.testing.assert_allclose(model.interval("factor_activity")[1], told["upper"], rtol=1e-8, atol=1e-10)


@pytest.mark.filterwarnings("ignore::pathfa.errors.UnitsWarning")
def test_new_samples_are_predicted_alike(written):
    model, told = written
    predicted = model.predict({"rna": model.result_.data["rna"]}, "protein")
    np.testing.assert_allclose(predicted.iloc[0], told["predicted"], rtol=1e-8)
