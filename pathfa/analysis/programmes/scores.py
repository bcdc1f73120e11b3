"""Scores of gene sets per sample: what the factors explain of their members, and other methods beside it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Literal, overload

import numpy as np
import pandas as pd

from pathfa.analysis.association.associate import associate, associate_features
from pathfa.analysis.association.hypothesis_tests import pearson
from pathfa.analysis.association.significance import false_discovery_rate
from pathfa.analysis.association.tables import COLUMNS, TestedFeatures, check_data
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.core.needed import needed
from pathfa.data import GeneSets
from pathfa.result.result import PathFAResult, as_result
from pathfa.result.tensors import factor_activities


class ScoreMethod(StrEnum):
    """Per-sample scores that activities are compared with."""

    FITTED = "fitted"  # what the factors explain of the members, fitted_scores
    ULM = "ulm"  # univariate linear model, decoupler
    SSGSEA = "ssgsea"  # single-sample GSEA, gseapy


@overload
def fitted_scores(model: object, view: str | None = None, *, return_std: Literal[False] = False) -> pd.DataFrame: ...


@overload
def fitted_scores(
    model: object, view: str | None = None, *, return_std: Literal[True]
) -> tuple[pd.DataFrame, pd.DataFrame]: ...


def fitted_scores(
    model: object, view: str | None = None, *, return_std: bool = False
) -> pd.DataFrame | tuple[pd.DataFrame, pd.DataFrame]:
    """Return how the members of each gene set move in what the factors explain, samples x gene sets.

    The score is the mean over the measured members g of the fitted values z w_g'. It is the activity with which this
    gene set alone comes closest to the fitted values: it minimises ``sum_g (z w_g' - C_g s)^2``. Fitted values have no
    noise, so all members count alike, and the score means the same in every cohort.

    The activity of a gene set is what the prior of the loadings says of it, and 0 where the set was pruned. This score
    asks the loadings themselves. It does not change when factors are rotated, so that starts of equal evidence
    agree on it where they differ in factors and activities. Every gene set has one, a random one too: its association
    with a covariate says that its members are associated, not that no other genes are.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    view
        The view whose features count; those of all views together when None.
    return_std
        Whether the posterior sd is returned too. It takes the loadings of different features as independent.

    Returns
    -------
    DataFrame or tuple of DataFrame
        In fitted units, z-scores by default; NaN for gene sets without a member in the view.

    Raises
    ------
    ConfigError
        If there is no such view.

    Examples
    --------
    >>> pf.analysis.fitted_scores(model, "rna").shape
    (40, 8)
    """
    result = as_result(model)
    views = result.view_names if view is None else [_checked_view(result, view)]
    mean, sd = factor_activities(result, views)
    return (mean, sd) if return_std else mean


def set_scores(model: object, method: str, view: str) -> pd.DataFrame:
    """Return per-sample scores of the model's gene sets from one view, N x P.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model; fitted with ``keep_data=True`` unless the
        method is ``"fitted"``.
    method
        ``"fitted"`` (see ``fitted_scores``), ``"ulm"`` (decoupler, an optional package) or ``"ssgsea"`` (gseapy).
    view
        The view to score. ULM and ssGSEA want complete samples: missing values count as the mean of their feature.
        Samples that were not measured in the view are NaN. Fitted scores know them from the other views.

    Raises
    ------
    ConfigError
        If there is no such view, the data were not kept, or decoupler is not installed.

    Examples
    --------
    >>> pf.analysis.set_scores(model, "ulm", "rna").shape
    (40, 8)
    """
    result = as_result(model)
    chosen = choose(ScoreMethod, method, "method")
    _checked_view(result, view)
    if chosen is ScoreMethod.FITTED:
        return fitted_scores(result, view)
    check_data(result)
    present = result.presence[view].to_numpy(dtype=bool)
    values = result.data[view].loc[present].fillna(0.0)
    values = values.loc[:, values.std() > 0]
    given = GeneSets({name: result.gene_sets[name] for name in result.gene_set_names})
    inside = {name: given.weights(name)[lambda weights: weights.index.isin(values.columns)] for name in given}
    members = {name: weights for name, weights in inside.items() if len(weights)}
    scores = _ulm(values, members) if chosen is ScoreMethod.ULM else _ssgsea(values, members)
    return scores.reindex(index=result.scores.index, columns=result.gene_set_names)


def compare_scores(
    model: object,
    covariates: pd.DataFrame | pd.Series | str | Sequence[str] | None = None,
    *,
    methods: Sequence[str] = ("ulm", "ssgsea"),
    views: Sequence[str] | None = None,
    **options: Any,
) -> pd.DataFrame:
    """Set PathFA's activities beside other per-sample scores of the same gene sets.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model; fitted with ``keep_data=True`` for other
        methods than ``"fitted"``.
    covariates
        None: each score is correlated with PathFA's activity. Else every score is tested against the covariates as
        ``associate`` does.
    methods
        Any of ``"fitted"``, ``"ulm"`` and ``"ssgsea"``.
    views
        Views to score; all when None.
    **options
        Options of ``associate``.

    Returns
    -------
    DataFrame
        With covariates: the columns of ``associate`` and ``source``: ``"PathFA activity"``, ``"PathFA factor"``,
        ``"ulm rna"``, ... Without: one row per source and gene set, ``effect`` the Pearson correlation with the
        activity, ``covariate`` the source.

    Examples
    --------
    >>> table = pf.compare_scores(model, ["marker"], methods=["ulm"], views=["rna"])
    >>> table["source"].unique().tolist()
    ['PathFA activity', 'PathFA factor', 'ulm rna']
    """
    result = as_result(model)
    chosen = list(result.view_names) if views is None else list(views)
    scores = {f"{method} {view}": set_scores(result, method, view) for method in methods for view in chosen}
    if covariates is None:
        table = pd.concat([_correlations(result, name, values) for name, values in scores.items()], ignore_index=True)
        table["q"] = false_discovery_rate(table["p"], table["covariate"])
        return table[[*COLUMNS, "source"]]
    parts = [
        associate(result, covariates, level="activity", **options).assign(source="PathFA activity"),
        associate(result, covariates, level="scores", **options).assign(source="PathFA factor"),
    ]
    plain = {name: value for name, value in options.items() if name not in {"draws", "seed"}}
    for name, values in scores.items():
        features = TestedFeatures(values=values)
        parts.append(associate_features(result, features, covariates, **plain).assign(source=name))
    return pd.concat(parts, ignore_index=True)


def _checked_view(result: PathFAResult, view: str) -> str:
    """Return the name of a view if the model has it, and raise otherwise."""
    if view not in result.view_names:
        names = ", ".join(result.view_names)
        raise ConfigError.of(
            "unknown-view", repr(view), f"one of {names}", f"use view={result.view_names[0]!r}", place="view"
        )
    return view


def _correlations(result: PathFAResult, name: str, values: pd.DataFrame) -> pd.DataFrame:
    """Return the correlation of every score with the activity of the same gene set, over the samples that have both."""
    seen = values.notna().to_numpy()
    rows = seen.any(axis=1)
    activity, scores = result.activity.to_numpy()[rows], values.to_numpy(dtype=float)[rows]
    varies, n = activity.std(axis=0, ddof=1) != 0, seen.sum(axis=0)
    usable = varies & seen[rows].all(axis=0) & (n > 3) & (scores.std(axis=0) > 0)
    found = pearson(scores[:, usable], activity[:, usable], 0.95).spread(usable)
    note = np.where(usable, "", np.where(varies, "no measured member", "the activity is the same in all samples"))
    table = pd.DataFrame({"covariate": name, "feature": result.gene_set_names, "n": n, "note": note})
    return table.assign(**found.columns(), test="Pearson", source=name)


def _ulm(values: pd.DataFrame, members: dict[str, pd.Series]) -> pd.DataFrame:
    with needed("decoupler", "'ulm'", place="methods"):
        import decoupler
    pairs = [(name, gene, weight) for name, weights in members.items() for gene, weight in weights.items()]
    net = pd.DataFrame(pairs, columns=["source", "target", "weight"])
    scores: pd.DataFrame = decoupler.mt.ulm(values, net, tmin=1)[0]
    return scores


def _ssgsea(values: pd.DataFrame, members: dict[str, pd.Series]) -> pd.DataFrame:
    """Return enrichment scores; of a set with negative members that of the others minus theirs."""
    with needed("gseapy", "'ssgsea'", place="methods"):
        import gseapy

    scores = []
    for sign in (1.0, -1.0):
        signed = {name: list(weights.index[weights * sign > 0]) for name, weights in members.items()}
        if sets := {name: genes for name, genes in signed.items() if genes}:
            found = gseapy.ssgsea(
                values.T, sets, outdir=None, min_size=1, max_size=values.shape[1], sample_norm_method="rank", threads=1
            )
            table = found.res2d.pivot_table(index="Name", columns="Term", values="NES", aggfunc="first")
            scores.append(sign * table.astype(float))
    total: pd.DataFrame = scores[0] if len(scores) == 1 else scores[0].add(scores[1], fill_value=0.0)
    return total
