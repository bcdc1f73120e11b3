"""Models of earlier versions are read with the numbers that those versions told, and saved in the newest format."""

import json
from dataclasses import fields
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import scipy.sparse as sp

import pathfa as pf
from pathfa.result.storage import MODEL_FORMAT_VERSION

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


def test_there_is_a_file_of_every_format_from_the_oldest_that_is_read():
    numbers = sorted(int(path.stem.removeprefix("format_")) for path in FOLDER.glob("*.h5"))
    assert numbers == list(range(numbers[0], MODEL_FORMAT_VERSION + 1))
    for path in FOLDER.glob("*.h5"):
        with h5py.File(path) as file:
            assert path.stem == f"format_{file.attrs['format_version']}"


def test_what_is_saved_again_has_the_newest_format_and_the_same_content(written, tmp_path):
    model, _ = written
    model.save(tmp_path / "again.h5")
    with h5py.File(tmp_path / "again.h5") as file:
        assert file.attrs["format_version"] == MODEL_FORMAT_VERSION
    again = pf.PathFA.load(tmp_path / "again.h5").result_
    for field in fields(again):
        _assert_same(getattr(again, field.name), getattr(model.result_, field.name))


def _assert_same(found, expected):
    if isinstance(expected, dict):
        assert set(found) == set(expected)
        for key in expected:
            _assert_same(found[key], expected[key])
    elif isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(found, expected)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(found, expected)
    elif isinstance(expected, tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            _assert_same(one, other)
    elif sp.issparse(expected):
        np.testing.assert_array_equal(found.toarray(), expected.toarray())
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(found, expected)
    else:
        assert found == expected
