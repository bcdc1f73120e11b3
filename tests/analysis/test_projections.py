"""Samples in few dimensions."""

import numpy as np
import pytest
from random_result import random_result

from pathfa.analysis.projections import LEAST_SAMPLES, principal_components, umap, umap_is_worth_it
from pathfa.core.errors import ConfigError


@pytest.mark.parametrize(("n_samples", "n_factors"), [(24, 3), (40, 9), (4, 6), (30, 1)])
def test_components_are_the_axes_of_largest_variance(n_samples, n_factors):
    result = random_result(n_samples=n_samples, n_factors=n_factors)
    table, shares = principal_components(result)
    spectrum = np.linalg.eigvalsh(np.cov(result.scores.to_numpy().T).reshape(n_factors, n_factors))[::-1]
    np.testing.assert_allclose(table.var(), spectrum[: table.shape[1]], atol=1e-9)
    np.testing.assert_allclose(shares, spectrum[: len(shares)] / spectrum.sum(), atol=1e-9)
    np.testing.assert_allclose(table.mean(), 0.0, atol=1e-9)
    assert list(table.index) == list(result.scores.index)


def test_a_umap_is_for_many_samples_in_more_than_two_dimensions():
    assert umap_is_worth_it(random_result(n_samples=LEAST_SAMPLES, n_factors=8))
    assert not umap_is_worth_it(random_result(n_samples=LEAST_SAMPLES - 1, n_factors=8))
    assert not umap_is_worth_it(random_result(n_samples=LEAST_SAMPLES, n_factors=2))


def test_a_umap_keeps_groups_together():
    result = random_result(n_samples=60, n_factors=4)
    group = np.arange(60) % 2 == 0
    result.scores.loc[group, result.factor_names] += 8.0
    found = umap(result).to_numpy()
    centres = np.stack([found[group].mean(axis=0), found[~group].mean(axis=0)])
    own = np.linalg.norm(found - centres[np.where(group, 0, 1)], axis=1)
    other = np.linalg.norm(found - centres[np.where(group, 1, 0)], axis=1)
    assert (own < other).all()


def test_too_few_samples_for_a_umap_are_refused():
    with pytest.raises(ConfigError, match="PC1"):
        umap(random_result(n_samples=10))
