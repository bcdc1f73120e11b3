"""Gene sets that could stand for each other: near duplicates as one credible cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pathfa.analysis.association.tables import COLUMNS, config_error
from pathfa.analysis.programmes.selection import contributions, selected, set_sizes
from pathfa.data.gene_sets.collection import jaccard
from pathfa.result.result import PathFAResult, as_result

_CREDIBLE = 0.95  # posterior probability that a credible cluster holds


@dataclass(frozen=True, kw_only=True)
class _Pull:
    """What the data say about the loadings of one factor, per view."""

    target: list[np.ndarray]  # loadings that the data alone ask for, G
    precision: list[np.ndarray]  # of these about the mean that gene sets give, G
    scale: list[float]


def overlap(model: object) -> pd.DataFrame:
    """Return the Jaccard overlap of the measured members of every two gene sets, P x P.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    """
    result = as_result(model)
    features = pd.Index(np.unique(np.concatenate([table.index.astype(str) for table in result.loadings.values()])))
    member = sp.csr_matrix((len(features), len(result.gene_set_names)))
    for view, mask in result.masks.items():
        place = features.get_indexer(result.loadings[view].index.astype(str))
        spread = sp.csr_matrix((np.ones(len(place)), (place, np.arange(len(place)))), shape=(len(features), len(place)))
        member = member.maximum((spread @ (mask != 0).astype(float) > 0).astype(float))
    return pd.DataFrame(jaccard(member).toarray(), index=result.gene_set_names, columns=result.gene_set_names)


def similar_sets(result: PathFAResult, names: Sequence[str], min_overlap: float) -> dict[str, list[str]]:
    """Return groups of similar gene sets by the first of each.

    Parameters
    ----------
    result
        The fit.
    names
        Gene sets, strongest first. A set joins the first group whose first set it overlaps enough.
    min_overlap
        Smallest Jaccard overlap of measured members.
    """
    shared = overlap(result).loc[list(names), list(names)].to_numpy()
    groups: dict[int, list[int]] = {}
    for place in range(len(names)):
        lead = next((first for first in groups if shared[first, place] >= min_overlap), place)
        groups.setdefault(lead, []).append(place)
    return {names[lead]: [names[place] for place in places] for lead, places in groups.items()}


def redundancy(model: object, min_overlap: float = 0.25) -> pd.DataFrame:
    """Report, for every gene set that a factor uses, the near duplicates that could stand in its place.

    A cluster is a selected set and all sets whose Jaccard overlap with it reaches ``min_overlap``. Its members
    compete for one place in the factor: all their weights are taken out, and each member alone is put back. ``effect``
    is what the log evidence then loses against the best member (analytic, after Tipping and Faul 2003, other factors,
    sets and hyper-parameters held). ``probability`` shares one place among the members; the *credible cluster* is the
    smallest group with 95 % of it. Residual correlation between genes makes these differences look larger than they
    are.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model; fitted with ``keep_data=True``.
    min_overlap
        Smallest Jaccard overlap of measured members of a near duplicate, above 0 and at most 1.

    Returns
    -------
    DataFrame
        One row per cluster and member, best first: ``covariate`` (the factor), ``feature`` (the gene set), ``effect``
        (evidence difference to the best member, nats, 0 or below), ``lower``, ``upper``, ``statistic`` (evidence that
        the set adds alone, nats), ``p``, ``q`` (NaN: nothing is tested), ``n`` (measured members), ``test``, ``note``,
        ``cluster``, ``overlap`` (with the set that leads the cluster), ``weight``, ``probability``, ``credible``.

    Raises
    ------
    ConfigError
        If the data were not kept or ``min_overlap`` is out of range.

    References
    ----------
    Tipping and Faul (2003), Fast marginal likelihood maximisation for sparse Bayesian models, AISTATS.
    """
    result = as_result(model)
    if not 0.0 < min_overlap <= 1.0:
        raise config_error("bad-overlap", "min_overlap", f"{min_overlap}", "above 0 and at most 1", "use 0.25")
    if not result.data:
        raise config_error("no-data", "model", "a model without data", "fitted values", "fit with keep_data=True")
    similar = overlap(result).to_numpy()
    size = set_sizes(result)
    used, impact = selected(result).to_numpy(), contributions(result).to_numpy()
    weights = result.gene_set_weights.to_numpy()
    rows: list[dict[str, object]] = []
    for k, (factor, pull) in enumerate(zip(result.factor_names, _pulls(result), strict=True)):
        taken: set[int] = set()
        number = 0
        for lead in np.argsort(-impact[:, k], kind="stable"):
            if not used[lead, k] or int(lead) in taken:
                continue
            members = np.flatnonzero(similar[lead] >= min_overlap)
            taken.update(map(int, members))
            number += 1
            gain = _gains(result, k, members, pull)
            rows += _cluster_rows(
                result, factor, f"F{k + 1}.{number}", int(lead), members, gain, similar, size, weights[:, k]
            )
    extra = ["cluster", "overlap", "weight", "probability", "credible"]
    return pd.DataFrame(rows, columns=[*COLUMNS, *extra])


def _pulls(result: PathFAResult) -> list[_Pull]:
    """Return per factor the loadings that the data ask for when everything else is held, and their precision."""
    scores = result.scores.to_numpy()
    targets, precisions = [], []
    for view in result.view_names:
        x, w = result.data[view].to_numpy(dtype=float), result.loadings[view].to_numpy()
        seen = np.isfinite(x)
        left = np.where(seen, np.where(seen, x, 0.0) - scores @ w.T, 0.0)
        safe = np.maximum(seen.T.astype(float) @ scores**2, 1e-12)
        targets.append(result.excess_loadings[view].to_numpy() + left.T @ scores / safe)
        omega, noise = result.omega[view].to_numpy(), result.noise[view].to_numpy()
        precisions.append(1.0 / (1.0 / omega + noise[:, None] ** 2 / safe))
    return [
        _Pull(
            target=[target[:, k] for target in targets],
            precision=[precision[:, k] for precision in precisions],
            scale=[float(result.view_scale[view].iloc[k]) for view in result.view_names],
        )
        for k in range(scores.shape[1])
    ]


def _gains(result: PathFAResult, k: int, members: np.ndarray, pull: _Pull) -> np.ndarray:
    """Return the log evidence that each member adds to factor k when it alone fills the place of all, nats."""
    others = result.gene_set_weights.to_numpy()[:, k].copy()
    others[members] = 0.0
    slope, curvature = np.zeros(len(members)), np.zeros(len(members))
    for position, view in enumerate(result.view_names):
        mask, c, t = result.masks[view], pull.scale[position], pull.precision[position]
        rest = pull.target[position] - c * (mask @ others)
        columns = mask[:, members]
        slope += c * (columns.T @ (t * rest))
        curvature += c**2 * (columns.multiply(columns).T @ t)
    if result.nonnegative:
        slope = np.clip(slope, 0.0, None)
    ratio = np.maximum(slope**2 / np.maximum(curvature, 1e-300), 1.0)
    return np.asarray(0.5 * (ratio - 1.0 - np.log(ratio)))


def _cluster_rows(
    result: PathFAResult,
    factor: str,
    cluster: str,
    lead: int,
    members: np.ndarray,
    gain: np.ndarray,
    similar: np.ndarray,
    size: np.ndarray,
    weights: np.ndarray,
) -> list[dict[str, object]]:
    order = np.argsort(-gain, kind="stable")
    share = np.exp(gain - gain.max())
    share /= share.sum()
    before = np.cumsum(share[order]) - share[order]
    best = result.gene_set_names[members[order[0]]]
    rows: list[dict[str, object]] = []
    for place, index in enumerate(order):
        p = int(members[index])
        credible = bool(before[place] < _CREDIBLE)
        rows.append(
            {
                "covariate": factor,
                "feature": result.gene_set_names[p],
                "effect": float(gain[index] - gain.max()),
                "lower": np.nan,
                "upper": np.nan,
                "statistic": float(gain[index]),
                "p": np.nan,
                "q": np.nan,
                "n": int(size[p]),
                "test": "evidence",
                "note": f"could stand for {best}" if credible and place else "",
                "cluster": cluster,
                "overlap": float(similar[lead, p]),
                "weight": float(weights[p]),
                "probability": float(share[index]),
                "credible": credible,
            }
        )
    return rows
