"""Tables of a fitted model as the tensors that inference takes, and what the factors explain of gene sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch

from pathfa.inference.numerics import one_thread
from pathfa.inference.posterior.activity import MemberPart, member_loading_cov, member_loadings, own_variance
from pathfa.inference.posterior.set_effects import SetEffects
from pathfa.inference.posterior.view_loadings import ViewLoadings
from pathfa.inference.problem.membership import membership
from pathfa.inference.problem.problem import make_problem
from pathfa.inference.updates.scores import ScorePosterior
from pathfa.result.intervals import array


class _Tables(Protocol):
    """The tables of a ``PathFAResult`` that scores, loadings and effects are in."""

    @property
    def scores(self) -> pd.DataFrame: ...
    @property
    def score_cov(self) -> np.ndarray: ...
    @property
    def score_pattern(self) -> np.ndarray: ...
    @property
    def gene_set_weights(self) -> pd.DataFrame: ...
    @property
    def loadings(self) -> dict[str, pd.DataFrame]: ...
    @property
    def loadings_cov(self) -> dict[str, np.ndarray]: ...
    @property
    def noise(self) -> dict[str, pd.Series[float]]: ...
    @property
    def masks(self) -> dict[str, sp.csr_matrix]: ...
    @property
    def set_effect_sd(self) -> pd.DataFrame: ...
    @property
    def shared_effect_sd(self) -> pd.Series[float]: ...
    @property
    def set_effect_correlation(self) -> pd.DataFrame: ...


def pack(cov: np.ndarray) -> np.ndarray:
    """Return the lower triangles of a stack of symmetric matrices, G x K (K + 1) / 2, from G x K x K."""
    rows, columns = np.tril_indices(cov.shape[-1])
    return np.ascontiguousarray(cov[:, rows, columns])


def unpack(packed: np.ndarray, size: int) -> np.ndarray:
    """Return what ``pack`` packed, G x K x K."""
    rows, columns = np.tril_indices(size)
    cov = np.empty((len(packed), size, size))
    cov[:, rows, columns] = packed
    cov[:, columns, rows] = packed
    return cov


def loadings_of(model: _Tables, view: str) -> ViewLoadings:
    """Return the posterior of the loadings of a view."""
    table = model.loadings[view]
    return ViewLoadings(
        mean=torch.as_tensor(array(table)),
        cov=torch.as_tensor(unpack(model.loadings_cov[view], table.shape[1])),
        noise_precision=torch.as_tensor(array(model.noise[view])) ** -2,
    )


def member_loadings_of(model: _Tables) -> np.ndarray:
    """Return the mean loading of the members of each gene set, with their signs and weights, over all views, P x K."""
    sets = [membership(mask) for mask in model.masks.values()]
    loadings = [torch.as_tensor(array(model.loadings[view])) for view in model.masks]
    return np.asarray(member_loadings(sets, loadings).numpy())


def member_loading_cov_of(model: _Tables) -> np.ndarray:
    """Return the covariance of ``member_loadings_of``, P x K x K."""
    sets = [membership(mask) for mask in model.masks.values()]
    return np.asarray(member_loading_cov(sets, [loadings_of(model, view).cov for view in model.masks]).numpy())


def effects_of(model: _Tables) -> SetEffects:
    """Return the prior of the effects of gene sets beyond the factors."""
    variance = np.vstack([array(model.set_effect_sd), array(model.shared_effect_sd)]) ** 2
    correlation = torch.as_tensor(array(model.set_effect_correlation))
    return SetEffects(variance=torch.as_tensor(variance), correlation=correlation)


@one_thread()
def own_variance_of(model: _Tables) -> np.ndarray:
    """Return the variance over samples of what the effects of gene sets do to the activities, P."""
    nothing = make_problem([(np.full((1, mask.shape[0]), np.nan), mask) for mask in model.masks.values()])
    loadings = [loadings_of(model, view) for view in model.masks]
    return np.asarray(own_variance(nothing.views, loadings, effects_of(model)).numpy())


@one_thread()
def factor_activities(model: _Tables, views: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what the factors explain of the members of each gene set in some views, and its sd, N x P each."""
    scores = ScorePosterior(
        mean=torch.as_tensor(array(model.scores)),
        cov=torch.as_tensor(model.score_cov),
        pattern=torch.as_tensor(model.score_pattern),
        log_det=0.0,
        multiplicity=torch.ones(len(model.scores), dtype=torch.float64),
    )
    sets = [membership(model.masks[view]) for view in views]
    part = MemberPart.of(sets, [loadings_of(model, view) for view in views]).carried(scores)
    samples, names = model.scores.index, model.gene_set_weights.index
    sd = (part.score_variance + part.loading_variance).clamp(min=0.0).sqrt()
    return pd.DataFrame(part.mean.numpy(), samples, names), pd.DataFrame(sd.numpy(), samples, names)


def without_effects(model: _Tables) -> dict[str, Any]:
    """Return the activities of a model whose file has none: what the factors carry, without effects of the sets."""
    views = list(model.loadings)
    alone = {view: factor_activities(model, [view]) for view in views}
    mean, sd = factor_activities(model, views)
    return {
        "activity": mean,
        "activity_sd": sd,
        "view_activity": {view: pair[0] for view, pair in alone.items()},
        "view_activity_sd": {view: pair[1] for view, pair in alone.items()},
        "set_effect_sd": pd.DataFrame(0.0, index=mean.columns, columns=views),
        "shared_effect_sd": pd.Series(0.0, index=views, name="sd"),
        "set_effect_correlation": pd.DataFrame(np.eye(len(views)), index=views, columns=views),
    }
