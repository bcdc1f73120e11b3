"""Variance explained against the naive formula."""

import numpy as np
import pytest

from pathfa.inference.posterior.residuals import variance_explained


@pytest.mark.parametrize("options", [{}, {"absent": True}, {"missing": 0.2, "absent": True}])
def test_variance_explained_is_the_naive_formula_on_observed_values(make_known, options):
    known = make_known(8, n=30, omega=2.0, **options)

    alone, together = variance_explained(known.problem, known.scores, known.loadings)

    for position, x in enumerate(known.values):
        z, w = known.scores.numpy(), known.loadings[position].numpy()
        total = np.nansum(x**2)
        assert together[position] == pytest.approx(1.0 - np.nansum((x - z @ w.T) ** 2) / total, rel=1e-10)
        for k in range(2):
            residual = x - np.outer(z[:, k], w[:, k])
            assert alone[k, position] == pytest.approx(1.0 - np.nansum(residual**2) / total, rel=1e-9, abs=1e-12)


def test_a_view_that_nobody_has_explains_nothing(make_known):
    known = make_known(8, n=30, omega=2.0)

    alone, together = variance_explained(known.problem.only([0]), known.scores, known.loadings)

    assert np.isfinite(alone).all()
    assert np.isfinite(together).all()
    assert alone[:, 1].tolist() == [0.0, 0.0]
