from dataclasses import replace

import h5py
import numpy as np
import pandas as pd
import pytest
from random_result import random_result

from pathfa.core.errors import InputError
from pathfa.result.result import PathFAResult


def test_any_number_of_features_is_saved_and_read_again(tmp_path):
    result = random_result(n_features=4500, n_samples=6)
    result.save(tmp_path / "model.h5")
    read = PathFAResult.load(tmp_path / "model.h5")
    assert list(read.data) == list(result.data)
    for view, values in result.data.items():
        pd.testing.assert_frame_equal(read.data[view], values)


@pytest.mark.parametrize("version", [1, 99])
def test_models_of_another_format_are_refused(version, tmp_path):
    path = tmp_path / "model.h5"
    random_result().save(path)
    with h5py.File(path, "a") as file:
        file.attrs["format_version"] = version
    with pytest.raises(InputError, match=f"model format {version}"):
        PathFAResult.load(path)


def test_a_file_that_is_no_model_is_not_blamed_on_the_fit(tmp_path):
    (tmp_path / "rna.tsv").write_text("gene\tS1\n")
    with pytest.raises(InputError, match=r"name a file that PathFA\.save"):
        PathFAResult.load(tmp_path / "rna.tsv")


def test_a_result_is_shown_on_one_line():
    shown = repr(random_result())
    assert shown.startswith("PathFAResult(")
    assert "\n" not in shown
    assert len(shown) < 200


def test_what_became_of_names_is_read_from_the_words_of_older_files(tmp_path):
    result = random_result()
    words = "ensembl to symbol: 86 mapped, 4 ambiguous, 7 lost, 1 merged"
    flow = result.flow.assign(
        detail=["a.tsv", f"{words}; symbol to orthologues: 9 unchanged", "b.tsv", "3 without a name"]
    )
    numbers = result.provenance.pop("identifiers")
    replace(result, flow=flow).save(tmp_path / "model.h5")

    first, second = PathFAResult.load(tmp_path / "model.h5").provenance["identifiers"]

    assert first == numbers[0]
    assert (second["from"], second["to"], second["features"], second["unchanged"]) == ("symbol", "orthologues", 9, 9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "b", "a"], ["a", "b", "a"]),
        (["a", np.nan, None], ["a", None, None]),
        ([True, None, False], [True, None, False]),
        ([1, None, 2.5], [1.0, None, 2.5]),
        (["a", 1.5, np.nan], ["a", "1.5", None]),
        ([None, None, None], [None, None, None]),
    ],
)
def test_covariates_of_python_objects_are_saved(values, expected, tmp_path):
    result = random_result(n_samples=3)
    obs = pd.DataFrame({"covariate": pd.Series(values, index=result.scores.index, dtype=object)})

    replace(result, obs=obs).save(tmp_path / "model.h5")

    read = PathFAResult.load(tmp_path / "model.h5").obs["covariate"]
    assert [None if pd.isna(value) else value for value in read] == expected
