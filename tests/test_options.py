"""The choices that define a model."""

import pytest

from pathfa.core.errors import ConfigError
from pathfa.options import Curvature, LoadingPrior, ModelSpec, Noise, Sign, ViewScale


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
