"""Cohorts drawn from the generative model, with everything that is true about them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import anndata
import mudata
import numpy as np
import pandas as pd
import torch

from pathfa.core.choices import choose
from pathfa.core.views_apart import views_apart
from pathfa.options import LoadingPrior, Sign
from pathfa.simulation.layout import (
    CovariateKind,
    SimulatedCovariate,
    all_genes,
    check,
    deal_factors,
    draw_covariates,
    draw_presence,
    gene_set_mask,
    hide_entries,
    make_gene_sets,
)
from pathfa.simulation.pyro_model import Parameters, ViewParameters, draw

_NOISE_LOG_SD = 0.1  # spread of the noise sd between features


@dataclass(frozen=True, kw_only=True)
class SimulatedView:
    """What one view of a simulated cohort looks like.

    Parameters
    ----------
    n_features
        Number of features, drawn from all genes; None takes all of them.
    noise_sd
        Mean noise standard deviation; single features scatter around it by 10 %.
    absent
        Fraction of the samples that lack the view.
    missing
        Fraction of the entries of the other samples that are missing.
    missing_when_low
        Whether low values are missing more often, as in proteomics, rather than all alike.
    scale
        View scale c.

    Raises
    ------
    ConfigError
        When a fraction is not in [0, 1), or a size or scale is not positive.
    """

    n_features: int | None = None
    noise_sd: float = 1.0
    absent: float = 0.0
    missing: float = 0.0
    missing_when_low: bool = False
    scale: float = 1.0

    def __post_init__(self) -> None:
        n_features = 1 if self.n_features is None else self.n_features
        sizes: dict[str, float] = {"n_features": n_features, "noise_sd": self.noise_sd, "scale": self.scale}
        shares = {"absent": self.absent, "missing": self.missing}
        check(
            {name: (value, value > 0, "a positive number") for name, value in sizes.items()}
            | {name: (value, 0 <= value < 1, "a fraction from 0 to below 1") for name, value in shares.items()}
        )


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What a simulated cohort was made from.

    Attributes
    ----------
    scores
        Z, samples x factors.
    gene_set_weights
        U, gene sets x factors.
    activity
        Z U', samples x gene sets.
    loadings
        W per view, features x factors.
    noise
        Noise standard deviation per view, features.
    complete
        Values per view before any were hidden, samples x features.
    covariates
        What depends on which activity.
    """

    scores: pd.DataFrame
    gene_set_weights: pd.DataFrame
    activity: pd.DataFrame
    loadings: dict[str, pd.DataFrame]
    noise: dict[str, pd.Series]
    complete: dict[str, pd.DataFrame]
    covariates: tuple[SimulatedCovariate, ...]


@dataclass(frozen=True, kw_only=True)
class Simulated:
    """A simulated cohort.

    Attributes
    ----------
    mdata
        The cohort as PathFA reads it: NaN where a value is missing, covariates in ``obs``.
    gene_sets
        Members of each gene set.
    truth
        What it was made from.
    """

    mdata: mudata.MuData
    gene_sets: dict[str, list[str]]
    truth: Truth


DEFAULT_VIEWS: Mapping[str, SimulatedView] = {
    "rna": SimulatedView(),
    "protein": SimulatedView(n_features=200, absent=0.1, missing=0.05),
}


def simulate(
    n_samples: int = 60,
    seed: int = 0,
    *,
    views: Mapping[str, SimulatedView] = DEFAULT_VIEWS,
    gene_sets: int | Mapping[str, Sequence[str]] = 20,
    set_size: tuple[int, int] = (15, 40),
    other_features: int | Sequence[str] = 50,
    factors: int | Mapping[str, Sequence[str]] = 4,
    loading_prior: str = LoadingPrior.SOFT,
    loading_sd: float = 0.3,
    weight_sd: float = 1.0,
    sign: str = Sign.NONNEGATIVE,
    covariates: Sequence[SimulatedCovariate] | None = None,
) -> Simulated:
    """Draw a cohort from the generative model; the same seed gives the same cohort.

    Parameters
    ----------
    n_samples, seed
        Number of samples; seed of everything that is drawn. Global random states are left as they were.
    views
        What each view looks like.
    gene_sets
        The gene sets, or their number.
    set_size
        Smallest and largest size of gene sets that are made here.
    other_features
        Genes outside every gene set, or their number.
    factors
        Number of factors, or the gene sets of each factor by its name; with none, every feature is noise. With a
        number, three quarters of the gene sets are dealt to the factors and the others have no weight.
    loading_prior
        ``soft`` or ``strict``.
    loading_sd
        Standard deviation of soft loadings around their gene sets.
    weight_sd
        Scale of the gene-set weights.
    sign
        ``nonnegative`` or ``any``.
    covariates
        Covariates; None makes a subtype, a marker and survival on the sets of the first three factors, and an age
        and a batch that depend on nothing.

    Raises
    ------
    ConfigError
        When an option has a value that it cannot have.

    Examples
    --------
    >>> drawn = pf.simulate(n_samples=30, seed=1, gene_sets=10, factors=2)
    >>> drawn.mdata.n_obs, list(drawn.mdata.mod), drawn.truth.scores.shape
    (30, ['rna', 'protein'], (30, 2))
    """
    prior = choose(LoadingPrior, loading_prior, "loading_prior")
    check(
        {
            "n_samples": (n_samples, n_samples > 1, "at least 2"),
            "loading_sd": (loading_sd, loading_sd > 0, "a positive number"),
            "weight_sd": (weight_sd, weight_sd > 0, "a positive number"),
            "loading_prior": (str(prior), prior is not LoadingPrior.AUTO, "'soft' or 'strict'"),
        }
    )
    rng = np.random.default_rng(seed)
    sets = make_gene_sets(gene_sets, set_size, rng)
    used = deal_factors(factors, list(sets), rng)
    genes = all_genes(sets, other_features)
    samples = pd.Index([f"S{index:0{len(str(n_samples))}d}" for index in range(1, n_samples + 1)], name="sample")
    omega = loading_sd**-2 if prior is LoadingPrior.SOFT else np.inf
    made = {name: _make_view(view, genes, sets, len(used), omega, rng) for name, view in views.items()}
    names, columns = list(sets), list(used)
    alpha = pd.DataFrame(np.inf, names, columns)
    for factor, members in used.items():
        alpha.loc[members, factor] = weight_sd**-2
    drawn = draw(
        Parameters(
            views={name: parameters for name, (_, parameters) in made.items()},
            alpha=torch.as_tensor(alpha.to_numpy(copy=True)),
            n_samples=n_samples,
            nonnegative=choose(Sign, sign, "sign") is Sign.NONNEGATIVE,
        ),
        seed=int(rng.integers(2**31)),
    )
    scores = pd.DataFrame(drawn["scores"].numpy(), samples, columns)
    weights = pd.DataFrame(drawn["gene_set_weights"].numpy(), names, columns)
    truth = Truth(
        scores=scores,
        gene_set_weights=weights,
        activity=scores @ weights.T,
        loadings={
            name: pd.DataFrame(drawn[f"loadings/{name}"].numpy(), item[0], columns) for name, item in made.items()
        },
        noise={name: pd.Series(item[1].noise_precision.rsqrt().numpy(), item[0]) for name, item in made.items()},
        complete={name: pd.DataFrame(drawn[f"data/{name}"].numpy(), samples, item[0]) for name, item in made.items()},
        covariates=default_covariates(used) if covariates is None else tuple(covariates),
    )
    return Simulated(mdata=_to_mudata(truth, views, rng), gene_sets=sets, truth=truth)


def _make_view(
    view: SimulatedView,
    genes: Sequence[str],
    gene_sets: Mapping[str, Sequence[str]],
    n_factors: int,
    omega: float,
    rng: np.random.Generator,
) -> tuple[pd.Index, ViewParameters]:
    """Return the features of a view and its parameters."""
    chosen = np.sort(rng.permutation(len(genes))[: view.n_features])
    features = pd.Index([genes[index] for index in chosen], name="feature")
    spread = np.exp(_NOISE_LOG_SD * rng.standard_normal(len(features)))
    return features, ViewParameters(
        mask=torch.as_tensor(gene_set_mask(features, gene_sets)),
        noise_precision=torch.as_tensor((view.noise_sd * spread / spread.mean()) ** -2.0),
        omega=torch.full((n_factors,), omega, dtype=torch.float64),
        scale=torch.full((n_factors,), view.scale, dtype=torch.float64),
        intercept=torch.zeros(n_factors, dtype=torch.float64),
    )


def default_covariates(factors: Mapping[str, Sequence[str]]) -> tuple[SimulatedCovariate, ...]:
    """Return a subtype, a marker and survival on the first sets of up to three factors; age and batch on nothing."""
    drivers: list[str | None] = [members[0] for members in factors.values() if members]
    drivers = [drivers[index % len(drivers)] if drivers else None for index in range(3)]
    return (
        SimulatedCovariate(name="subtype", gene_set=drivers[0], kind=CovariateKind.BINARY, levels=("A", "B")),
        SimulatedCovariate(name="marker", gene_set=drivers[1], centre=50.0, spread=10.0),
        SimulatedCovariate(name="survival", gene_set=drivers[2], kind=CovariateKind.SURVIVAL, strength=1.0),
        SimulatedCovariate(name="age", gene_set=None, centre=62.0, spread=9.0),
        SimulatedCovariate(name="batch", gene_set=None, kind=CovariateKind.BINARY, levels=("batch1", "batch2")),
    )


def _to_mudata(truth: Truth, views: Mapping[str, SimulatedView], rng: np.random.Generator) -> mudata.MuData:
    """Return the cohort with what is missing hidden and the covariates in ``obs``."""
    presence = draw_presence({name: view.absent for name, view in views.items()}, len(truth.scores), rng)
    modalities = {}
    for name, view in views.items():
        values = truth.complete[name][presence[name]]
        hidden = hide_entries(values.to_numpy(), view.missing, view.missing_when_low, rng)
        modalities[name] = anndata.AnnData(
            hidden, obs=pd.DataFrame(index=values.index), var=pd.DataFrame(index=values.columns)
        )
    obs = draw_covariates(truth.activity, truth.covariates, rng)
    with warnings.catch_warnings(), views_apart():
        # views share gene symbols on purpose: gene sets find their features by them
        warnings.filterwarnings("ignore", message=".*var_names are (not unique|intersecting).*")
        cohort = mudata.MuData(modalities)
    cohort.obs = obs.loc[cohort.obs_names]
    return cohort
