"""Names of factors, made from those of gene sets and genes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError
from pathfa.core.names import find_factor, readable

_MOST_SETS, _MOST_GENES = 2, 3  # in the name of a factor
_LEAST_PART = 0.4  # of the largest contribution to a factor that a gene set in its name has


def factor_order(variance_explained: np.ndarray) -> np.ndarray:
    """Return the factors by falling sum of R2 over the views, from K x views; ties keep their order."""
    return np.argsort(-variance_explained.sum(axis=1), kind="stable")


def factor_names(
    weights: pd.DataFrame,
    impact: np.ndarray | None = None,
    *,
    seen: pd.DataFrame | None = None,
    genes: Sequence[Sequence[str]] = (),
) -> list[str]:
    """Return one name per factor that says what sets it apart, such as ``"F2 EMT + myogenesis (protein)"``.

    These are the gene sets that contribute more to it than to any factor that is seen in the same views, at most two,
    each with at least 40 % of what contributes most to the factor; where there is none, its strongest genes. Where
    the factor is seen in one view of several, the view follows in brackets.

    Parameters
    ----------
    weights
        Gene-set weights, P x K; 0 where a set is not likely part of a factor.
    impact
        What a unit of weight of each gene set contributes, P; weights alone when None.
    seen
        In which views each factor is seen, K x views, booleans; all in one view when None.
    genes
        Per factor its strongest genes, K lists; where none are given, the gene set that contributes most takes their
        place.

    Examples
    --------
    >>> table = pd.DataFrame({0: [3.0, 1.5], 1: [2.0, 0.0]}, index=["HALLMARK_EMT", "HALLMARK_HYPOXIA"])
    >>> factor_names(table, genes=[["VIM"], ["ACTA2", "TAGLN"]])
    ['F1 EMT + hypoxia', 'F2 ACTA2, TAGLN']
    >>> factor_names(table, seen=pd.DataFrame({"rna": [True, False], "protein": [False, True]}))
    ['F1 EMT + hypoxia (rna)', 'F2 EMT (protein)']
    """
    added = np.abs(weights.to_numpy(dtype=float)) * (1.0 if impact is None else impact[:, None])
    size = added.shape[1]
    views = np.ones((size, 1), dtype=bool) if seen is None else seen.to_numpy(dtype=bool)
    together = (views | ~views.any(axis=1, keepdims=True)).astype(float)
    rivals = (together @ together.T > 0) & ~np.eye(size, dtype=bool)
    names = []
    for k in range(size):
        own = added[:, k]
        most = own.max(initial=0.0)
        apart = (own > 0) & (own >= _LEAST_PART * most) & (own > added[:, rivals[k]].max(axis=1, initial=0.0))
        order = [p for p in np.argsort(-own, kind="stable") if apart[p]]
        sets = [readable(str(weights.index[p])) for p in order[:_MOST_SETS]]
        if not sets and most > 0 and not (genes and len(genes[k])):
            sets = [readable(str(weights.index[int(own.argmax())]))]
        label = " + ".join(sets) or (", ".join(genes[k][:_MOST_GENES]) if genes else "") or "unannotated"
        tag = f" ({seen.columns[views[k]][0]})" if seen is not None and views.shape[1] > 1 == views[k].sum() else ""
        names.append(f"F{k + 1} {label}{tag}")
    return names


def strongest_genes(loadings: Mapping[str, pd.DataFrame], explained: pd.DataFrame, most: int = 3) -> list[list[str]]:
    """Return the features with the largest loadings on each factor, in the view of which it explains most, if any has.

    Parameters
    ----------
    loadings
        Per view the loadings, G x K.
    explained
        Variance explained, K x views.
    most
        Features per factor.
    """
    found = []
    for k, row in enumerate(explained.to_numpy()):
        table = loadings[str(explained.columns[int(row.argmax())])]
        size = np.abs(table.to_numpy()[:, k])
        order = np.argsort(-size, kind="stable")[:most]
        found.append([str(name) for name in table.index[order[size[order] > 0.0]]])
    return found


def label_of(name: str, views: Sequence[str]) -> tuple[list[str], str | None]:
    """Return what a factor is named after, and the view in brackets behind it where there is one.

    >>> label_of("F1 EMT + hypoxia (rna)", ["rna", "protein"])
    (['EMT', 'hypoxia'], 'rna')
    """
    label = name.partition(" ")[2]
    tag = next((view for view in views if label.endswith(f" ({view})")), None)
    return label.removesuffix(f" ({tag})").split(" + "), tag


def split_by_view(names: Sequence[str], views: Sequence[str]) -> dict[str, dict[str, str]]:
    """Return the programmes that lead the names of factors of different views, and these factors by view.

    >>> split_by_view(["F1 EMT (rna)", "F2 hypoxia (rna)", "F3 EMT (protein)"], ["rna", "protein"])
    {'EMT': {'rna': 'F1 EMT (rna)', 'protein': 'F3 EMT (protein)'}}
    """
    groups: dict[str, dict[str, str]] = {}
    for name in names:
        programmes, view = label_of(name, views)
        if view is not None:
            groups.setdefault(programmes[0], {}).setdefault(view, name)
    return {programme: found for programme, found in groups.items() if len(found) > 1}


def renamed(names: Sequence[str], changes: Mapping[str, str]) -> list[str]:
    """Return names of factors with some of them changed; keys are full names, ids such as ``"F1"`` or other spellings.

    Raises
    ------
    ConfigError
        If a key is no factor or two factors would share a name.
    """
    full = {find_factor(key, names): value for key, value in changes.items()}
    new = [full.get(name, name) for name in names]
    if len(set(new)) < len(new):
        found, fix = "a name that two factors would share", "give each its own"
        raise ConfigError(findings=[bad_option("names", found, "one new name per factor", fix)])
    return new
