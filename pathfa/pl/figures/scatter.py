"""The samples in a plane: factors, principal components, a UMAP, or any two numbers of the samples."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from pathfa.core.aliases import also_called
from pathfa.core.names import column_words
from pathfa.core.text import count
from pathfa.pl.figure import Figure
from pathfa.pl.figures.strips import MOST_LEVELS, is_measured
from pathfa.pl.quantities import numbers, quantity
from pathfa.pl.spec import Axis, Entity, Points
from pathfa.pl.wording import listed
from pathfa.result.judgement import require_factors
from pathfa.result.result import as_result
from pathfa.result.summaries import outliers


@also_called(color="colour")
def samples(
    model: object,
    x: str | None = None,
    y: str | None = None,
    *,
    colour: pd.Series | str | None = None,
) -> Figure:
    """Return the samples in a plane.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    x, y
        What the axes show; the first two factors by default. A factor by name or id (``"F1"``), a principal component
        of the scores (``"PC1"``), ``"UMAP1"`` or ``"UMAP2"``, a covariate that is a number, a gene set (its activity),
        a gene of the first view that has it (its fitted value), or of one view (``"protein: CD8A"``).
    colour
        The name of such a quantity, or of a covariate with groups; or values indexed by sample. Numbers are shown on a
        scale, the seven largest groups by colour and symbol. It may be given as ``color`` too.

    Raises
    ------
    ConfigError
        If there is nothing of such a name, an axis would be of groups, or the samples are too few for a UMAP.

    Examples
    --------
    >>> pf.pl.samples(model, "F1", "F2", colour="age").question
    'How do the samples lie?'
    >>> pf.pl.samples(model, "PC1", "PC2", colour="F1").x.title[:17]
    'PC1 of the scores'
    """
    result = as_result(model)
    require_factors(result)
    across = numbers(result, x or result.factor_names[0])
    up = numbers(result, y or result.factor_names[min(1, len(result.factor_names) - 1)])
    if isinstance(colour, str):
        colour = quantity(result, colour)
    elif colour is not None:
        colour = colour.rename(column_words([str(colour.name)])[str(colour.name)])
    names = result.scores.index
    marks = []
    for style, (name, chosen, look) in enumerate(_coloured(names, colour)):
        ids = [str(item) for item in chosen]
        shown = {"name": name, "ids": ids, "style": style, "labels": ids, **look}
        marks.append(Points(x=across.loc[chosen].to_numpy(), y=up.loc[chosen].to_numpy(), **shown))
    far = outliers(result)
    standing = [str(name) for name in far.index[far["outlier"]]]
    answer = (
        f"Far from the other samples over all factors: {listed(standing, 6)}."
        if standing
        else "No sample lies far from the others over all factors."
    )
    table = pd.concat([across, up], axis=1).rename_axis("sample").reset_index()
    if colour is not None:
        table.insert(1, str(colour.name), colour.reindex(names).to_numpy(), allow_duplicates=True)
    return Figure(
        name="samples",
        question="How do the samples lie?",
        answer=answer,
        alt=f"Scatter plot of {count(len(names), 'sample')}; across: {across.name}, up: {up.name}."
        + ("" if colour is None else f" Coloured by {colour.name}."),
        marks=tuple(marks),
        x=Axis(title=str(across.name), entity=Entity.SAMPLE),
        y=Axis(title=str(up.name)),
        table=table,
        height=460,
    )


def _coloured(samples: pd.Index, colour: pd.Series | None) -> Iterator[tuple[str, pd.Index, dict[str, Any]]]:
    """Yield samples that look alike, their name in the legend, and their look: by group, or by number on a scale."""
    if colour is None or not is_measured(colour):
        yield from ((name, chosen, {}) for name, chosen in _groups(samples, colour).items())
        return
    numbers = colour.reindex(samples).astype(float)
    known = numbers.dropna()
    words = [f"{name}: {value:.4g}" for name, value in known.items()]
    yield "", known.index, {"values": known.to_numpy(), "unit": str(colour.name), "labels": words}
    if len(rest := numbers.index[numbers.isna()]):
        yield "not known", rest, {"hollow": True}


def _groups(samples: pd.Index, colour: pd.Series | None) -> dict[str, pd.Index]:
    if colour is None:
        return {"": samples}
    values = colour.reindex(samples).astype("object")
    known = values.dropna().astype(str)
    levels = sorted(known.value_counts().index[:MOST_LEVELS])
    groups = {f"{colour.name}: {level}": known.index[known == level] for level in levels}
    rest = samples.difference(known.index[known.isin(levels)], sort=False)
    return {**groups, **({"other or not known": rest} if len(rest) else {})}
