"""PathFA's activities beside other per-sample scores of the same gene sets."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from pathfa.analysis.association.associate import associate, associate_features
from pathfa.analysis.association.tables import COLUMNS, Features, false_discovery_rate
from pathfa.analysis.programmes.fitted_scores import check_view, fitted_scores
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.result.result import PathFAResult, as_result


class ScoreMethod(StrEnum):
    """Per-sample scores that activities are compared with."""

    FITTED = "fitted"  # what the factors explain of the members, fitted_scores
    ULM = "ulm"  # univariate linear model, decoupler
    SSGSEA = "ssgsea"  # single-sample GSEA, gseapy


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
    """
    result = as_result(model)
    chosen = choose(ScoreMethod, method, "method")
    check_view(result, view)
    if chosen is ScoreMethod.FITTED:
        return fitted_scores(result, view)
    if not result.data:
        raise ConfigError.of(
            "no-data", "a model without data", "fitted values", "fit with keep_data=True", place="model"
        )
    present = result.presence[view].to_numpy(dtype=bool)
    values = result.data[view].loc[present].fillna(0.0)
    values = values.loc[:, values.std() > 0]
    members = {
        name: [gene for gene in result.gene_sets[name] if gene in values.columns] for name in result.gene_set_names
    }
    members = {name: genes for name, genes in members.items() if genes}
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
        features = Features(values=values, probability=pd.Series(1.0, index=values.columns))
        parts.append(associate_features(result, features, covariates, **plain).assign(source=name))
    return pd.concat(parts, ignore_index=True)


def _correlations(result: PathFAResult, name: str, values: pd.DataFrame) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for gene_set in result.gene_set_names:
        pair = pd.DataFrame({"a": result.activity[gene_set], "b": values[gene_set]}).dropna()
        row: dict[str, object] = dict.fromkeys(("effect", "lower", "upper", "statistic", "p"), np.nan)
        note = "no weight in any factor" if pair["a"].std() == 0 else "no measured member"
        if len(pair) > 3 and pair["a"].std() > 0 and pair["b"].std() > 0:
            found = stats.pearsonr(pair["a"], pair["b"])
            limits = found.confidence_interval()
            r = float(found.statistic)
            statistic = r * np.sqrt((len(pair) - 2) / max(1.0 - r**2, 1e-300))
            row = {"effect": r, "lower": limits.low, "upper": limits.high, "statistic": statistic, "p": found.pvalue}
            note = ""
        rows.append({"covariate": name, "feature": gene_set, **row, "n": len(pair), "note": note})
    return pd.DataFrame(rows).assign(test="Pearson", source=name)


def _ulm(values: pd.DataFrame, members: dict[str, list[str]]) -> pd.DataFrame:
    try:
        import decoupler
    except ImportError as error:
        raise ConfigError.of(
            "not-installed",
            "'ulm' without decoupler",
            "the package decoupler",
            "pip install decoupler",
            place="methods",
        ) from error
    net = pd.DataFrame(
        [(name, gene) for name, genes in members.items() for gene in genes], columns=["source", "target"]
    )
    found: pd.DataFrame = decoupler.mt.ulm(values, net, tmin=1)[0]
    return found


def _ssgsea(values: pd.DataFrame, members: dict[str, list[str]]) -> pd.DataFrame:
    import gseapy

    found = gseapy.ssgsea(
        values.T, members, outdir=None, min_size=1, max_size=values.shape[1], sample_norm_method="rank", threads=1
    )
    table: pd.DataFrame = found.res2d.pivot_table(index="Name", columns="Term", values="NES", aggfunc="first")
    return table.astype(float)
