"""Choice of the number of factors, the loading prior and the start."""

import math

import numpy as np
import pytest
import torch

from pathfa.inference.selection.rule import CLOSE
from pathfa.inference.selection.search import SearchSettings, search
from pathfa.inference.stopping import FitSettings
from pathfa.inference.updates.noise import LEAST
from pathfa.options import LoadingPrior, ModelSpec
from pathfa.simulation.cohort import SimulatedView, simulate

VIEWS = {"rna": SimulatedView(n_features=200, noise_sd=1.5), "protein": SimulatedView(n_features=100, noise_sd=1.5)}


def settings(n_factors=None, max_factors=12, n_starts=3, n_jobs=1):
    return SearchSettings(
        n_factors=n_factors,
        max_factors=max_factors,
        n_starts=n_starts,
        settings=FitSettings(max_iter=100, tol=1e-5),
        seed=0,
        n_jobs=n_jobs,
    )


@pytest.fixture(scope="module")
def problems(cohort_problem):
    """Return cohorts of 4 factors by their loading prior and seed."""
    made = {}

    def problem(prior, seed):
        if (prior, seed) not in made:
            cohort = simulate(50, seed, views=VIEWS, gene_sets=32, set_size=(8, 14), factors=4, loading_prior=prior)
            made[prior, seed] = cohort_problem(cohort)
        return made[prior, seed]

    return problem


def test_the_true_number_of_factors_is_found_in_most_cohorts(problems):
    found = [
        search(problems("strict", seed), ModelSpec(loading_prior="strict"), settings(n_starts=2)).best.fit
        for seed in range(4)
    ]

    sizes = [item.n_factors for item in found]
    assert sizes.count(4) >= 3
    assert min(sizes) >= 3
    assert max(sizes) <= 5


def best_of_both(problem):
    """Return the best strict and the best soft fit, and the one that was chosen."""
    selection = search(problem, ModelSpec(loading_prior="auto"), settings(n_factors=4))
    fits = [item.fit for item in selection.candidates]
    best = {
        prior: max((item for item in fits if item.spec.loading_prior is prior), key=lambda item: item.log_evidence)
        for prior in (LoadingPrior.STRICT, LoadingPrior.SOFT)
    }
    return best[LoadingPrior.STRICT], best[LoadingPrior.SOFT], selection.best.fit


@pytest.mark.parametrize("seed", [0, 1])
def test_soft_data_prefer_the_soft_prior_clearly(problems, seed):
    strict, soft, chosen = best_of_both(problems("soft", seed))

    assert chosen.spec.loading_prior is LoadingPrior.SOFT
    assert soft.log_evidence > strict.log_evidence + 100.0


@pytest.mark.parametrize("seed", [0, 1])
def test_strict_data_gain_nothing_from_the_soft_prior(problems, seed):
    # strict is the limit of soft, so that the two can tie
    strict, soft, chosen = best_of_both(problems("strict", seed))

    assert soft.log_evidence < strict.log_evidence + 5.0
    assert chosen.state.annotated_share > 0.95


@pytest.mark.slow
def test_soft_data_have_a_finite_number_of_factors(problems):
    selection = search(problems("soft", 0), ModelSpec(loading_prior="soft"), settings())

    assert 4 <= selection.best.fit.n_factors <= 6
    assert selection.stopped in ("evidence", "gain")


@pytest.fixture(scope="module")
def selection(problems):
    return search(problems("strict", 2), ModelSpec(loading_prior="auto"), settings(n_factors=4, n_starts=4))


def test_every_start_of_the_chosen_model_ran_to_its_end(selection):
    best = selection.best.fit
    same = [item for item in selection.candidates if item.fit.spec.loading_prior is best.spec.loading_prior]

    assert selection.stopped == "given"
    assert [item.fit.initialisation for item in same].count("activities") == 1
    assert {"activities", "pca", "clusters", "random"} <= {item.fit.initialisation for item in same}
    assert all(item.finished for item in same)
    assert selection.best in selection.candidates


def test_the_best_is_within_reach_of_the_highest_evidence(selection):
    top = max(item.log_evidence for item in selection.candidates)

    assert selection.best.log_evidence > top - CLOSE * selection.best.fit.problem.n_values
    for name in selection.close:
        assert name in {item.fit.initialisation for item in selection.candidates}


def test_of_close_starts_the_plainest_is_chosen(selection):
    best = selection.best.fit
    same = [item.fit for item in selection.candidates if item.fit.spec.loading_prior is best.spec.loading_prior]
    close = [item for item in same if item.initialisation in selection.close]

    assert close  # the starts of this cohort end in nearly the same place
    share = round(best.state.annotated_share, 2)
    for item in close:
        assert (share, -best.state.weights.n_active) >= (
            round(item.state.annotated_share, 2),
            -item.state.weights.n_active,
        )


def test_a_soft_fit_also_starts_from_the_strict_one(selection):
    soft = [item for item in selection.candidates if item.fit.spec.loading_prior is LoadingPrior.SOFT]

    assert "strict" in {item.fit.initialisation for item in soft}


def test_as_many_factors_as_the_cohort_allows(problems):
    selection = search(problems("strict", 0), ModelSpec(loading_prior="strict"), settings(max_factors=2, n_starts=1))

    assert selection.best.fit.n_factors == 2
    assert selection.stopped == "limit"


def test_starts_side_by_side_give_the_same_result(problems):
    one, two = (
        search(problems("strict", 1), ModelSpec(loading_prior="strict"), settings(n_factors=3, n_jobs=jobs))
        for jobs in (1, 2)
    )

    assert [item.fit.trace for item in one.candidates] == [item.fit.trace for item in two.candidates]
    assert torch.equal(one.best.fit.state.weights.mean, two.best.fit.state.weights.mean)


def test_progress_is_reported_and_threads_are_given_back(problems):
    threads, seen = torch.get_num_threads(), []

    search(
        problems("strict", 0),
        ModelSpec(loading_prior="strict"),
        settings(n_factors=2, n_starts=1),
        lambda *item: seen.append(item),
    )

    assert torch.get_num_threads() == threads
    assert seen[0][0] == "strict, 2 factors, start 'activities'"
    assert [item[1] for item in seen] == list(range(1, len(seen) + 1))


@pytest.mark.parametrize("prior", ["strict", "soft"])
def test_without_factors_the_evidence_is_the_exact_one_of_independent_features(make_known, prior):
    known = make_known(0, n=30, missing=0.1, absent=True)

    found = search(
        known.problem, ModelSpec(loading_prior=prior, sample_quality="equal"), settings(n_factors=0)
    ).best.fit

    expected = 0.0
    for x, noise in zip(known.values, found.state.noise, strict=True):
        d0, rate = noise.d0, 0.5 * noise.d0 * noise.s0_squared
        for column in x.T:
            seen = column[np.isfinite(column)]
            rss, shape = (1.0 + LEAST) * (seen**2).sum(), 0.5 * (d0 + len(seen))
            expected += math.lgamma(shape) - math.lgamma(0.5 * d0) + 0.5 * d0 * math.log(rate)
            expected -= shape * math.log(rate + 0.5 * rss) + 0.5 * len(seen) * math.log(2.0 * math.pi)
    assert found.log_evidence == pytest.approx(expected)


@pytest.mark.parametrize("prior", ["strict", "soft", "auto"])
@pytest.mark.parametrize("seed", range(4))
def test_noise_has_no_factors(cohort_problem, prior, seed):
    cohort = simulate(12 + 14 * seed, seed, views=VIEWS, gene_sets=16, set_size=(8, 14), factors={})

    selection = search(cohort_problem(cohort), ModelSpec(loading_prior=prior), settings(n_starts=2))

    assert selection.best.fit.n_factors == 0
    assert {item.n_factors for item in selection.candidates} >= {0, 1, 2}


def test_the_annotated_share_of_a_strict_fit_is_all_of_it(selection):
    shares = {}
    for item in selection.candidates:
        shares.setdefault(item.fit.spec.loading_prior, []).append(item.fit.state.annotated_share)

    np.testing.assert_allclose(shares[LoadingPrior.STRICT], 1.0)
    assert max(shares[LoadingPrior.SOFT]) < 1.0
