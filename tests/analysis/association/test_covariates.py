import numpy as np
import pandas as pd
import pytest

from pathfa.analysis import associate
from pathfa.core.errors import AlignmentError, ConfigError


def covariate(result, values, name="x"):
    return pd.DataFrame({name: values}, index=result.sample_names)


def row(table, feature):
    return table.set_index("feature").loc[feature]


def test_unusable_covariates_are_withheld_with_the_reason(result):
    table = pd.DataFrame(
        {
            "id": result.sample_names,
            "same": 1.0,
            "few": [1.0, 2.0, 3.0] + [np.nan] * 77,
            "rare": ["x"] * 78 + ["y"] * 2,
        },
        index=result.sample_names,
    )
    notes = associate(result, table, draws=0).groupby("covariate")["note"].first()
    assert "identifiers" in notes["id"]
    assert "have the value 1.0" in notes["same"]
    assert "3 samples have a value" in notes["few"]
    assert "fewer than two levels" in notes["rare"]


def test_missing_values_and_silent_sets(make_result):
    result = make_result()
    result.activity["set2"] = 0.0
    x = np.random.default_rng(0).normal(size=80)
    x[:10] = np.nan
    found = associate(result, covariate(result, x), draws=0)
    assert set(found["n"]) == {70}
    assert np.isnan(row(found, "set2")["p"])
    assert "same in all samples" in row(found, "set2")["note"]
    assert found["q"].notna().sum() == 11


def test_text_that_holds_numbers_is_read_as_numbers(result):
    x = np.random.default_rng(0).normal(size=80)
    text = pd.Series([f"{value:.6f}" for value in x], index=result.sample_names, name="x", dtype=object)
    text.iloc[0] = None
    found = associate(result, text, draws=0)
    assert set(found["kind"]) == {"numeric"}
    assert set(found["note"]) == {"text read as numbers"}
    assert set(found["n"]) == {79}


def test_names_of_obs_and_saved_models(make_result, tmp_path):
    result = make_result(obs=pd.DataFrame({"age": np.arange(80.0)}))
    path = tmp_path / "model.h5"
    result.save(path)
    pd.testing.assert_frame_equal(associate(path, "age"), associate(result, ["age"]))
    with pytest.raises(ConfigError, match="'agee'"):
        associate(result, "agee")


def test_bad_options(result):
    x = covariate(result, np.arange(80.0) ** 2)
    for options, match in [
        ({"method": "anova2"}, "method"),
        ({"method": "mixed"}, "groups"),
        ({"method": "rank", "adjust": x.set_axis(["y"], axis=1)}, "rank"),
        ({"level": "loadings"}, "level"),
        ({"family": "both"}, "family"),
        ({"kinds": {"y": "ordinal"}}, "'y'"),
        ({"kinds": {"x": "nominal"}}, "kinds"),
        ({"reference": {"z": "a"}}, "'z'"),
    ]:
        with pytest.raises(ConfigError, match=match):
            associate(result, x, **options)
    with pytest.raises(AlignmentError, match="'s0'"):
        associate(result, x.set_axis([f"t{i}" for i in range(80)], axis=0))
    with pytest.raises(AlignmentError, match="twice"):
        associate(result, pd.concat([x, x]))


@pytest.mark.parametrize("as_type", [int, "Int64", str])
def test_codes_of_groups_are_compared_not_correlated(result, as_type):
    codes = pd.Series([3, 1, 2, 4] * 20, index=result.sample_names, name="arm")
    table = associate(result, codes.astype(as_type), draws=0)
    assert set(table["test"]) == set(associate(result, codes.map("arm {}".format), draws=0)["test"])
    assert set(table["note"]) == {"few whole numbers, taken for groups: kinds can say that they are numeric or ordinal"}
    amounts = associate(result, codes.astype(as_type), kinds={"arm": "numeric"}, draws=0)
    assert list(amounts["p"]) == list(associate(result, codes.astype(float), draws=0)["p"])


def test_codes_with_zeros_in_front_are_no_numbers(result):
    wards = [f"{at % 8:03d}" for at in range(80)]
    words = [f"ward {ward}" for ward in wards]
    as_codes, as_words = (associate(result, covariate(result, given), draws=0) for given in (wards, words))
    assert list(as_codes["test"]) == list(as_words["test"])
    assert list(as_codes["p"]) == list(as_words["p"])
