"""Which gene sets the factors use, and which near duplicates could stand in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pathfa.analysis.association.tables import COLUMNS, check_data
from pathfa.core.errors import ConfigError
from pathfa.data.gene_sets.overlap import jaccard
from pathfa.result.result import PathFAResult, as_result
from pathfa.result.summaries import selected

_CREDIBLE = 0.95  # posterior probability in a credible cluster
_EXTRA = ("cluster", "overlap", "weight", "probability", "credible")


def set_sizes(result: PathFAResult) -> np.ndarray:
    """Return the number of measured members of each gene set, summed over the views, P."""
    sizes = [np.asarray((mask != 0).sum(axis=0)).ravel() for mask in result.masks.values()]
    return np.asarray(np.sum(sizes, axis=0))


def contributions(result: PathFAResult) -> pd.DataFrame:
    """Return what each gene set adds to the loadings of each factor, P x K.

    That is the size of its weight, times the root of the number of its measured members, times the probability that it
    belongs to the factor at all.
    """
    return (result.gene_set_weights.abs() * result.gene_set_probability).mul(np.sqrt(set_sizes(result)), axis=0)


def overlap(model: object) -> pd.DataFrame:
    """Return the Jaccard overlap of the measured members of every two gene sets, P x P.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.

    Examples
    --------
    >>> pf.analysis.overlap(model).shape
    (8, 8)
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
    sets and hyper-parameters fixed). ``probability`` shares one place among the members; the *credible cluster* is the
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

    Examples
    --------
    >>> pf.redundancy(model).columns[:4].tolist()
    ['covariate', 'feature', 'effect', 'lower']
    """
    result = as_result(model)
    if not 0.0 < min_overlap <= 1.0:
        raise ConfigError.of("bad-overlap", f"{min_overlap}", "above 0 and at most 1", "use 0.25", place="min_overlap")
    check_data(result)
    similar, sizes, asked = overlap(result).to_numpy(), set_sizes(result), _asked_loadings(result)
    used, impact = selected(result).to_numpy(), contributions(result).to_numpy()
    clusters = [pd.DataFrame(columns=[*COLUMNS, *_EXTRA])]
    for k in range(len(result.factor_names)):
        taken: set[int] = set()
        number = 0
        for lead in np.argsort(-impact[:, k], kind="stable"):
            if used[lead, k] and int(lead) not in taken:
                members = np.flatnonzero(similar[lead] >= min_overlap)
                taken.update(map(int, members))
                number += 1
                gain = _gains(result, k, members, asked)
                cluster = _cluster(result, k, members, gain)
                own = {"n": sizes[cluster.index], "overlap": similar[lead, cluster.index]}
                clusters.append(cluster.assign(cluster=f"F{k + 1}.{number}", **own))
    found = pd.concat(clusters[1:] or clusters, ignore_index=True)
    return found.reindex(columns=[*COLUMNS, *_EXTRA])


def _asked_loadings(result: PathFAResult) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return per view the loadings that the data favour when everything else is fixed, and their precision, G x K."""
    scores = result.scores.to_numpy()
    asked = {}
    for view in result.view_names:
        x, w = result.data[view].to_numpy(dtype=float), result.loadings[view].to_numpy()
        seen = np.isfinite(x)
        left = np.where(seen, np.where(seen, x, 0.0) - scores @ w.T, 0.0)
        safe = np.maximum(seen.T.astype(float) @ scores**2, 1e-12)
        omega, noise = result.omega[view].to_numpy(), result.noise[view].to_numpy()
        target = result.excess_loadings[view].to_numpy() + left.T @ scores / safe
        asked[view] = target, 1.0 / (1.0 / omega + noise[:, None] ** 2 / safe)
    return asked


def _gains(
    result: PathFAResult, k: int, members: np.ndarray, asked: Mapping[str, tuple[np.ndarray, np.ndarray]]
) -> np.ndarray:
    """Return the log evidence that each member adds to factor k when it alone fills the place of all, nats."""
    others = result.gene_set_weights.to_numpy()[:, k].copy()
    others[members] = 0.0
    slope, curvature = np.zeros(len(members)), np.zeros(len(members))
    for view, (target, precision) in asked.items():
        mask, c, t = result.expected_masks[view], float(result.view_scale[view].iloc[k]), precision[:, k]
        rest = target[:, k] - c * (mask @ others)
        columns = mask[:, members]
        slope += c * (columns.T @ (t * rest))
        curvature += c**2 * (columns.multiply(columns).T @ t)
    if result.nonnegative:
        slope = np.clip(slope, 0.0, None)
    ratio = np.maximum(slope**2 / np.maximum(curvature, 1e-300), 1.0)
    return np.asarray(0.5 * (ratio - 1.0 - np.log(ratio)))


def _cluster(result: PathFAResult, k: int, members: np.ndarray, gain: np.ndarray) -> pd.DataFrame:
    """Return the members of a cluster of factor k, best first, indexed by gene set number."""
    order = np.argsort(-gain, kind="stable")
    share = np.exp(gain - gain.max())
    share = (share / share.sum())[order]
    names = np.array(result.gene_set_names)[members[order]]
    credible = np.cumsum(share) - share < _CREDIBLE
    return pd.DataFrame(
        {
            "covariate": result.factor_names[k],
            "feature": names,
            "effect": gain[order] - gain.max(),
            "statistic": gain[order],
            "test": "evidence",
            "note": np.where(credible & (np.arange(len(names)) > 0), f"could stand for {names[0]}", ""),
            "weight": result.gene_set_weights.to_numpy()[members[order], k],
            "probability": share,
            "credible": credible,
        },
        index=members[order],
    )
