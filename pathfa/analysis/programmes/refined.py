"""Members of gene sets that the data support, as a table and as a collection."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from pathfa.analysis.programmes.redundancy import contributions
from pathfa.core.files import write_text
from pathfa.data import GeneSets
from pathfa.data.gene_sets.gmt import write_gmt
from pathfa.result.result import as_result
from pathfa.result.summaries import LIKELY, selected


def refined_gene_sets(model: object, min_ratio: float = 2.0) -> pd.DataFrame:
    """Return the members of every selected gene set that the data support, with their weights.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    min_ratio
        A member is kept when its loading on the factor, in the direction of its own weight in the set times that of the
        set, is at least this many posterior sd away from 0, and it is more likely than not to take part in the set.

    Returns
    -------
    DataFrame
        One row per selected gene set and factor, view and measured member: ``source`` (the gene set), ``factor``,
        ``view``, ``target`` (the feature), ``weight`` (its loading), ``sd``, ``probability`` (that it takes part in the
        set, ``member_probability_``), ``kept``. With ``kept`` rows alone, the
        columns source, target and weight are a network that decoupler takes.

    Examples
    --------
    >>> pf.analysis.refined_gene_sets(model).columns.tolist()
    ['source', 'factor', 'view', 'target', 'weight', 'sd', 'probability', 'kept']
    """
    result = as_result(model)
    used, weights = selected(result).to_numpy(), result.gene_set_weights.to_numpy()
    parts = []
    for k, factor in enumerate(result.factor_names):
        for p in map(int, np.flatnonzero(used[:, k])):
            for view in result.view_names:
                column = result.masks[view][:, [p]].tocoo()
                rows, direction = column.row, np.sign(column.data * weights[p, k])
                loading, sd = (tables[view].iloc[rows, k] for tables in (result.loadings, result.loadings_sd))
                probability = result.member_probability[view][:, [p]].toarray()[rows, 0]
                far = (loading * direction >= min_ratio * sd).to_numpy() & (loading != 0).to_numpy()
                members = {
                    "source": result.gene_set_names[p],
                    "factor": factor,
                    "view": view,
                    "target": loading.index.astype(str),
                    "weight": loading.to_numpy(),
                    "sd": sd.to_numpy(),
                    "probability": probability,
                    "kept": far & (probability >= LIKELY),
                }
                parts.append(pd.DataFrame(members))
    columns = ["source", "factor", "view", "target", "weight", "sd", "probability", "kept"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def write_refined_gmt(model: object, path: str | Path, min_ratio: float = 2.0) -> None:
    """Write the refined gene sets as GMT: per selected set the members that load on its main factor in any view.

    Of a collection with weights, members have their loading behind a comma, with the sign that they have in the set.

    Parameters
    ----------
    model, min_ratio
        As for ``refined_gene_sets``.
    path
        The file; an existing one is replaced.

    Examples
    --------
    >>> pf.analysis.write_refined_gmt(model, "refined.gmt")
    """
    result = as_result(model)
    table = refined_gene_sets(result, min_ratio)
    table = table[table["kept"].astype(bool)]
    if table.empty:  # which a collection cannot be
        write_text(Path(path), "")
        return
    main = contributions(result).idxmax(axis=1)
    table = table[table["factor"] == table["source"].map(main)]
    weighted = any(isinstance(members, Mapping) for members in result.gene_sets.values())
    sets: dict[str, list[str] | dict[str, float]] = {}
    for name, rows in table.groupby("source", sort=False):
        sign = np.sign(result.gene_set_weights.loc[str(name), rows["factor"].iloc[0]])
        strongest = rows.loc[rows["weight"].abs().groupby(rows["target"]).idxmax()].set_index("target")["weight"] * sign
        strongest = strongest.sort_values(key=abs, ascending=False, kind="stable")
        sets[str(name)] = strongest.to_dict() if weighted else [str(gene) for gene in strongest.index]
    about = {name: f"refined by PathFA, {main[name]}" for name in sets}
    write_gmt(GeneSets(sets, descriptions=about), path)
