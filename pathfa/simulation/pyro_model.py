"""The generative model as a Pyro program: simulator and independent reference of the inference engine.

    u[p,k]   ~ HalfNormal(precision alpha[p,k])                     site "weights", its active entries
    z[n,k]   ~ Normal(0, 1)                                         site "scores"
    w[g,:]   ~ Normal(b + c * (C u)[g,:], precision diag(omega))    site "loadings/<view>", its soft columns
    x[n,g]   ~ Normal(z[n,:] w[g,:]', precision lambda[g])          site "data/<view>"

It shares no line with the inference engine, so that each checks the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from pathfa.core.needed import needed

with needed("pyro-ppl", "a simulated cohort"):
    import pyro
    import pyro.distributions as dist


@dataclass(frozen=True, kw_only=True)
class ViewParameters:
    """What is fixed in one view.

    Parameters
    ----------
    mask
        Gene-set mask C, G x P, dense.
    noise_precision
        Lambda, G; the units of 1 / x^2.
    omega
        Prior precision of the loadings, K; infinity makes a column strict.
    scale
        View scale c, K.
    intercept
        Level b that all loadings of a factor share, K; 0 in strict columns.
    observed
        N x G, True where a value is observed, False for a missing entry or a sample that the view lacks;
        None when all values are.
    """

    mask: Tensor
    noise_precision: Tensor
    omega: Tensor
    scale: Tensor
    intercept: Tensor
    observed: Tensor | None = None


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The hyper-parameters of a PathFA model.

    Parameters
    ----------
    views
        What is fixed in each view, by its name.
    alpha
        ARD precision of the gene-set weights, P x K; infinity prunes an entry.
    n_samples
        Number of samples, N.
    nonnegative
        Whether the gene-set weights are half-normal rather than normal.
    """

    views: Mapping[str, ViewParameters]
    alpha: Tensor
    n_samples: int
    nonnegative: bool = True


def program(parameters: Parameters, data: Mapping[str, Tensor] | None = None) -> dict[str, Tensor]:
    """Run the generative model once, as a Pyro program.

    Parameters
    ----------
    parameters
        The hyper-parameters.
    data
        Values of each view, N x G, to condition on; what is not observed may hold anything, also NaN.

    Returns
    -------
    dict
        ``scores`` N x K, ``gene_set_weights`` P x K, and per view ``loadings/<view>`` G x K and ``data/<view>`` N x G.
    """
    alpha = parameters.alpha
    active = torch.isfinite(alpha)
    zeros = torch.zeros_like(alpha)
    prior_sd = alpha[active].rsqrt()
    prior = dist.HalfNormal(prior_sd) if parameters.nonnegative else dist.Normal(torch.zeros_like(prior_sd), prior_sd)
    weights = zeros.masked_scatter(active, pyro.sample("weights", prior.to_event(1)))
    origin = alpha.new_zeros(parameters.n_samples, alpha.shape[1])
    scores = pyro.sample("scores", dist.Normal(origin, torch.ones_like(origin)).to_event(2))
    drawn = {"scores": scores, "gene_set_weights": weights}
    for name, view in parameters.views.items():
        loadings = _loadings(name, view, weights)
        noise = dist.Normal(scores @ loadings.T, view.noise_precision.rsqrt())
        observation = None if data is None else data[name]
        if view.observed is not None:
            noise = noise.mask(view.observed)
            if observation is not None:
                observation = torch.where(view.observed, observation, torch.zeros_like(observation))
        drawn[f"loadings/{name}"] = loadings
        drawn[f"data/{name}"] = pyro.sample(f"data/{name}", noise.to_event(2), obs=observation)
    return drawn


def _loadings(name: str, view: ViewParameters, weights: Tensor) -> Tensor:
    """Return the loadings of a view, G x K: prior mean in the strict columns, drawn around it in the soft ones."""
    mean = (view.mask @ weights) * view.scale + view.intercept
    soft = torch.isfinite(view.omega)
    if not bool(soft.any()):
        return mean
    sd = view.omega[soft].rsqrt().expand(mean.shape[0], -1)
    drawn: Tensor = pyro.sample(f"loadings/{name}", dist.Normal(mean[:, soft], sd).to_event(2))
    loadings = mean.clone()
    loadings[:, soft] = drawn
    return loadings


def draw(parameters: Parameters, seed: int) -> dict[str, Tensor]:
    """Return one draw of everything from the program; the global random state is left as it was."""
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(seed)
        return program(parameters)
