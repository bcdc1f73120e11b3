"""The options of a fit, and what is made from them."""

import inspect
import json
from dataclasses import fields

import numpy as np
import pytest
import typer
from jsonschema import Draft202012Validator

from pathfa.cli.main import app
from pathfa.core.errors import ConfigError
from pathfa.core.schemas import schema
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.estimator import PathFA
from pathfa.options import (
    Curvature,
    FitOptions,
    LoadingPrior,
    ModelSpec,
    Noise,
    Sign,
    ViewScale,
    configured,
    run_schema,
)


def test_text_is_stored_as_members():
    spec = ModelSpec(loading_prior="soft", sign="any", curvature="factor", noise="view", view_scale="fixed")

    assert spec.loading_prior is LoadingPrior.SOFT
    assert spec.sign is Sign.ANY
    assert spec.curvature is Curvature.FACTOR
    assert spec.noise is Noise.VIEW
    assert spec.view_scale is ViewScale.FIXED


def test_all_wrong_choices_are_named_at_once_with_the_nearest_right_one():
    with pytest.raises(ConfigError) as caught:
        ModelSpec(loading_prior="sofft", noise="features")

    assert [finding.place for finding in caught.value.findings] == ["loading_prior", "noise"]
    assert "use loading_prior='soft'" in str(caught.value)
    assert "use noise='feature'" in str(caught.value)


@pytest.mark.parametrize("noise", ["feature", "view"])
def test_a_noise_trend_needs_moderated_noise(noise):
    with pytest.raises(ConfigError, match="noise_trend=True with noise"):
        ModelSpec(noise=noise, noise_trend=True)


def test_a_noise_trend_is_true_or_false():
    with pytest.raises(ConfigError, match="noise_trend='yes'"):
        ModelSpec(noise_trend="yes")


def test_every_problem_is_told_at_once():
    wrong = {"n_factors": -1, "sign": "foo", "left_censored": "rna", "n_starts": 4.0, "tol": 0, "keep_data": 1}
    with pytest.raises(ConfigError) as caught:
        FitOptions(**wrong, noise="view", noise_trend=True, max_iter=True, seed=-1, device=None, preprocess=[])

    places = [finding.place for finding in caught.value.findings]
    assert sorted(places) == sorted([*wrong, "noise_trend", "max_iter", "seed", "device", "preprocess"])
    assert "n_starts=4.0; expected an integer of at least 1" in str(caught.value)


def test_values_take_the_type_of_the_option():
    options = FitOptions(n_factors=np.int64(3), left_censored=["rna"], seed=np.uint8(0))

    assert (type(options.n_factors), type(options.seed)) == (int, int)
    assert options.left_censored == ("rna",)


def test_options_are_plain_values_in_a_file():
    options = FitOptions(loading_prior="soft", left_censored=["rna"], preprocess={"rna": ViewPreprocessor(min_sd=0.1)})

    plain = options.to_dict()
    assert json.loads(json.dumps(plain)) == plain
    assert type(plain["loading_prior"]) is str
    assert plain["preprocess"]["rna"]["min_sd"] == 0.1
    assert FitOptions(**{**plain, "preprocess": options.preprocess}) == options


def test_parameters_of_the_model_are_the_options():
    parameters = inspect.signature(PathFA).parameters

    assert {name: item.default for name, item in parameters.items()} == {
        item.name: item.default for item in fields(FitOptions)
    }
    described = {name for line in inspect.getdoc(PathFA).splitlines() for name in line.split(", ")}
    assert set(parameters) <= described


def test_the_published_schema_is_made_from_the_options():
    assert schema("config")["$defs"]["run"] == run_schema()  # else: make schema


def test_the_schema_allows_what_the_options_allow():
    check = Draft202012Validator(run_schema())
    values = {
        "n_factors": ["auto", 1, 0, "five", None],
        "loading_prior": ["soft", "firm"],
        "noise_trend": [True, "yes"],
        "left_censored": [["rna"], "rna"],
        "n_starts": [1, 0, "4"],
        "tol": [1e-3, 0.0],
        "max_factors": [None, 2, 0],
        "seed": [0, -1],
    }
    for name, tried in values.items():
        for value in tried:
            try:
                FitOptions(**{name: value})
            except ConfigError:
                assert not check.is_valid({name: value}), (name, value)
            else:
                assert check.is_valid({name: value}), (name, value)


def test_the_command_line_has_every_option_of_a_run():
    command = typer.main.get_command(app).commands["fit"]
    options = {item.name: item for item in command.params}

    for item in configured():
        option = options[item.name]
        assert option.opts == ["--" + item.name.replace("_", "-")]
        assert option.help.startswith(item.metadata["description"])
        assert tuple(option.default) == () if item.default == () else option.default == item.default
    elsewhere = {"preprocess", "min_set_size", "keep_data", "progress"}  # of the view, the collection, Python
    assert {item.name for item in fields(FitOptions)} - set(options) == elsewhere
