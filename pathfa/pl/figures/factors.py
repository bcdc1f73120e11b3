"""Figures of the factors: how much they explain, and how far their gene sets account for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pathfa.analysis import explained_intervals
from pathfa.core.text import count
from pathfa.pl.figure.labels import factor_axis
from pathfa.pl.figure.spec import Axis, Figure, Heatmap
from pathfa.pl.figure.words import Certainty, listed, percent, percent_with
from pathfa.result.labels import factor_id
from pathfa.result.result import PathFAResult, as_result


def variance_explained(model: object, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return the heat map of R2 per factor and view.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    certainty
        How sure its sentence sounds.
    """
    result = as_result(model)
    table = result.variance_explained
    limits = explained_intervals(result)
    cells = interval_of(limits)
    words = listed([f"{percent_with(*cells['total', view])} of {view}" for view in result.view_names], 9)
    lead, size = result.factor_names[0], len(result.factor_names)
    answer = (
        f"The {count(size, 'factor')} together {certainty.verb('explain')} {words} variance; "
        f"{lead} has the largest share."
        if size > 1
        else f"{lead} {certainty.verb('explains')} {words} variance."
    )
    if limits["lower"].notna().any():
        answer += " In brackets: the 95 % interval if other samples of the same kind had been drawn (bootstrap)."
    shown = 100.0 * table.drop(index="total")
    wide = len(table.columns) <= _MOST_VIEWS_WITH_INTERVALS
    text = pd.DataFrame(
        [[_cell(*cells[name, view], wide=wide) for view in result.view_names] for name in result.factor_names],
        index=shown.index,
        columns=shown.columns,
    )
    return Figure(
        name="variance-explained",
        question="How much of each view does each factor explain?",
        answer=certainty.close(answer),
        alt=f"Heat map of {count(len(shown), 'factor')} by {count(len(table.columns), 'view')}; "
        "each cell gives the share of variance explained in per cent, with its 95 % interval.",
        marks=(
            Heatmap(
                values=shown,
                unit="variance explained, %",
                text=text,
                limits=(0.0, max(1.0, float(shown.to_numpy().max()))),
            ),
        ),
        x=Axis(title="View", labels=tuple(table.columns)),
        y=factor_axis(result.factor_names, reverse=True),
        table=limits,
        height=170 + 26 * len(shown),
    )


_MOST_VIEWS_WITH_INTERVALS = 3  # beyond, cells are too narrow for intervals


def _cell(r2: float, lower: float, upper: float, *, wide: bool) -> str:
    if not wide or np.isnan(lower):
        return _per_cent(r2)
    return f"{_per_cent(r2)} ({_per_cent(max(lower, 0.0))} to {_per_cent(max(upper, 0.0))})"


def _per_cent(share: float) -> str:
    return f"{100.0 * share:.1f}".replace("-0.0", "0.0")


def interval_of(table: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Return R2 and its limits by factor and view, from the table of ``explained_intervals``."""
    return {
        (str(row["factor"]), str(row["view"])): (float(row["r2"]), float(row["lower"]), float(row["upper"]))
        for row in table.to_dict("records")
    }


def annotated_share(model: object, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return the heat map of how much of the members' loadings the gene sets account for, per factor and view."""
    result = as_result(model)
    table = member_share(result)
    mean = mean_member_share(result)
    answer = f"Gene sets account for {percent(mean)} of the loadings of their members, weighted by explained variance."
    low = low_names(result)
    if low:
        answer += f" {low_words(low)}"
    silent = result.variance_explained.drop(index="total")[table.columns] < SILENT
    shown = (100.0 * table).mask(silent)  # a share of nothing
    return Figure(
        name="annotated-share",
        question="Does the name of each factor say what is in it?",
        answer=certainty.close(answer),
        alt=f"Heat map of {count(len(table), 'factor')} by {count(len(table.columns), 'view')}; each cell gives the "
        "share of the squared loadings of gene-set members that the gene sets account for, in per cent. Grey where "
        f"the factor explains less than {percent(SILENT)} of the view.",
        marks=(
            Heatmap(
                values=shown,
                unit="of members' loadings, %",
                text=shown.map(lambda value: "" if np.isnan(value) else f"{value:.0f}"),
                limits=(0.0, 100.0),
            ),
        ),
        x=Axis(title="View", labels=tuple(table.columns)),
        y=factor_axis(result.factor_names, reverse=True),
        table=table.add_suffix(" members")
        .join(result.annotated_share.add_suffix(" all features"))
        .rename_axis("factor")
        .reset_index(),
        height=170 + 26 * len(table),
    )


def member_share(result: PathFAResult) -> pd.DataFrame:
    """Return the annotated share over the features that are in some gene set, K x views, 0 to 1.

    Over all features, as in ``annotated_share``, it also counts features that no gene set could account for.
    """
    shares = {view: result.explained_share(view, np.diff(mask.indptr) > 0) for view, mask in result.masks.items()}
    return pd.DataFrame(shares, index=result.scores.columns)


def mean_member_share(result: PathFAResult) -> float:
    """Return the mean of ``member_share``, weighted by the variance that each factor explains in each view."""
    weights = result.variance_explained.drop(index="total").to_numpy().clip(min=0.0)
    return _weighted(member_share(result).to_numpy(), weights)


def factor_share(result: PathFAResult, factor: str) -> float:
    """Return the same for one factor."""
    weights = result.variance_explained.loc[factor].to_numpy(dtype=float).clip(min=0.0)
    return _weighted(member_share(result).loc[factor].to_numpy(dtype=float), weights)


def _weighted(values: np.ndarray, weights: np.ndarray) -> float:
    return float((values * weights).sum() / weights.sum()) if weights.sum() > 0 else float(values.mean())


def low_names(result: PathFAResult) -> list[str]:
    """Return the ids of the factors whose names say little of what is in them."""
    return [factor_id(name) for name in result.factor_names if factor_share(result, name) < LOW_SHARE]


def low_words(low: Sequence[str]) -> str:
    """Return a sentence on the factors whose names say little."""
    share = f"account for less than {percent(LOW_SHARE)} of their members' loadings."
    if len(low) == 1:
        return f"The name of {low[0]} says little: its gene sets {share}"
    return f"The names of {listed(low, 9)} say little: their gene sets {share}"


def seen_in(result: PathFAResult) -> pd.DataFrame:
    """Return in which views each factor is seen: K x views, booleans."""
    table = result.variance_explained.drop(index="total").clip(lower=0.0)
    most = table.max(axis=1)
    return table.ge(SHARED_RATIO * most, axis=0) & (most > 0).to_numpy()[:, None]


SHARED_RATIO = 0.2
"""A factor is seen in a view that has at least this part of what it explains of the view that it explains best."""
SILENT = 0.001
"""R2 below which a factor counts as silent in a view."""
LOW_SHARE = 0.1
"""Member share below which the name of a factor says little."""
LIKELY = 0.5
"""Probability from which a gene set counts as a part of a factor."""
SURE = 0.95
"""Probability from which that is called sure."""


def likely_sets(result: PathFAResult) -> pd.Index:
    """Return the gene sets that are likely to be part of some factor, in their order."""
    likely = (result.gene_set_probability >= LIKELY) & (result.gene_set_weights != 0)
    return result.gene_set_weights.index[likely.any(axis=1)]


def weight_table(result: PathFAResult, least: float = 0.01) -> pd.DataFrame:
    """Return gene-set weights in long form with their 95 % intervals, largest first.

    Parameters
    ----------
    result
        The fit.
    least
        Least probability of belonging to the factor.
    """
    lower, upper = result.interval("gene_set_weights")
    probability = result.gene_set_probability.to_numpy()
    rows, columns = np.nonzero((result.gene_set_weights.to_numpy() != 0) & (probability >= least))
    table = pd.DataFrame(
        {
            "gene_set": result.gene_set_weights.index.to_numpy()[rows],
            "factor": result.gene_set_weights.columns.to_numpy()[columns],
            "weight": result.gene_set_weights.to_numpy()[rows, columns],
            "lower": lower.to_numpy()[rows, columns],
            "upper": upper.to_numpy()[rows, columns],
            "probability": probability[rows, columns],
        }
    )
    table["members_measured"] = table["gene_set"].map(members_measured(result))
    table["members"] = table["gene_set"].map({name: len(found) for name, found in result.gene_sets.items()})
    return table.sort_values("weight", key=abs, ascending=False, kind="stable").reset_index(drop=True)


def members_measured(result: PathFAResult) -> dict[str, int]:
    """Return per gene set how many of its members are measured in some view."""
    measured: set[str] = set()
    for table in result.loadings.values():
        measured.update(map(str, table.index))
    return {name: len(measured.intersection(members)) for name, members in result.gene_sets.items()}
