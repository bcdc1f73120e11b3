"""What the factors leave of a feature, and its namesake in another view knows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.core.text import count
from pathfa.pl.figure.spec import Axis, Bars, Figure
from pathfa.pl.figure.words import Certainty, listed
from pathfa.result.result import as_result

_LITTLE = 0.1  # correlation below which no feature is named
_EDGES = np.linspace(-1.0, 1.0, 21)


def residual_correlation(model: object, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return how the residuals of the same feature go together between two views.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult`` or path. At least one feature must have been measured in two views.
    certainty
        How sure its sentence sounds.
    """
    table = as_result(model).residual_correlation.dropna(axis=1, how="all")
    middles = [f"{middle:.2f}" for middle in (_EDGES[:-1] + _EDGES[1:]) / 2.0]
    order = table.mean(axis=1).sort_values(ascending=False, kind="stable").index
    sentences = []
    for pair, values in table.items():
        views, known = str(pair).replace(" & ", " and "), values.dropna()
        if known.abs().max() < _LITTLE:
            sentences.append(f"{views} share nothing of single features beyond the factors")
            continue
        low, high = known.quantile([0.1, 0.9])
        leading = listed([str(name) for name in known.sort_values(ascending=False, kind="stable").index[:3]])
        sentences.append(
            f"What the factors do not explain of a feature correlates by {known.mean():.2f} on average between "
            f"{views} ({count(len(known), 'feature')}; {low:.2f} to {high:.2f} for 80 % of them), most for "
            f"{leading}. Predictions of one view from another use this"
        )
    return Figure(
        name="residual_correlation",
        question="Do the views agree on single features beyond the factors?",
        answer=certainty.close(". ".join(sentences) + "."),
        alt="Histogram of the correlation, over the samples, between what the factors leave of a feature in one view "
        "and in another.",
        marks=tuple(
            Bars(labels=middles, values=np.histogram(values.dropna(), bins=_EDGES)[0], name=str(pair), style=style)
            for style, (pair, values) in enumerate(table.items())
        ),
        x=Axis(title="Correlation of the residuals", labels=tuple(middles)),
        y=Axis(title="Features"),
        table=pd.DataFrame(table.loc[order]).rename_axis("feature").reset_index(),
        height=320,
    )
