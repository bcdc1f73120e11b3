"""Figures of the checks that refit a model."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.refits.heldout import OTHERS
from pathfa.core.text import count, inflect
from pathfa.pl.figure.given import require_table
from pathfa.pl.figure.labels import factor_axis
from pathfa.pl.figure.spec import Axis, Figure, Points, Rule
from pathfa.pl.figure.words import Certainty, listed, percent, percent_with
from pathfa.result.labels import factor_id

ALIKE = 0.8
"""Cosine from which loadings count as alike."""


def heldout(table: pd.DataFrame, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return R2 of samples that were left out, with gene sets and without, beside that of the fitted samples.

    Parameters
    ----------
    table
        What ``pathfa.analysis.heldout`` returned.
    certainty
        How sure its sentence sounds.
    """
    require_table(table, "heldout", "pathfa.analysis.heldout(data, model=model)")
    shown = table.iloc[::-1]
    labels = tuple(
        f"{row['view']}, {'from other views' if row['source'] == OTHERS else 'half of it seen'}"
        for row in shown.to_dict("records")
    )
    y = Axis(labels=labels)
    words = [
        f"{listed([_share(row) for row in part.to_dict('records')], 9)} from {source}"
        for source, part in table.groupby("source", sort=False)
    ]
    answer = f"In samples that the fit had not seen, it reproduces {', and '.join(words)}. {gain_words(table)}"
    marks = (
        Points(x=shown["r2"].to_numpy(), y=labels, name="left out, with gene sets", low=shown["lower"].to_numpy(),
               high=shown["upper"].to_numpy(), labels=[_hover(row) for row in shown.to_dict("records")]),
        Points(x=shown["r2_without"].to_numpy(), y=labels, name="left out, without gene sets", hollow=True, style=1),
        Points(x=shown["fitted_r2"].to_numpy(), y=labels, name="fitted samples, all factors", hollow=True, style=2),
        Rule(value=0.0, axis="x", label="the mean"),
    )  # fmt: skip
    return Figure(
        name="heldout",
        question="Does it hold for samples that the fit has not seen?",
        answer=certainty.close(answer),
        alt="Points of R2, a row per view and what it was predicted from: filled circles with 95 % intervals for "
        "samples that were left out, open squares for the same without gene sets, open diamonds for the fitted "
        "samples. A dotted line marks 0, as good as the mean.",
        marks=marks,
        x=Axis(title="R2 (1 is perfect, 0 is as good as the mean)"),
        y=y,
        table=table,
        height=190 + 34 * len(labels),
    )


def _share(row: Mapping[Hashable, Any]) -> str:
    if row["r2"] <= 0:
        return f"nothing of {row['view']}"
    return f"{percent_with(row['r2'], row['lower'], row['upper'])} of {row['view']}"


def gain_words(table: pd.DataFrame) -> str:
    """Return whether gene sets help to predict, from the table of ``heldout``, in a sentence."""
    better = table[table["gain_lower"] > 0]
    worse = table[table["gain_upper"] < 0]
    if len(better) == len(table):
        most = float(table["gain"].max())
        return f"With gene sets it is better than without in every line, by up to {_points(most)}."
    if len(worse) == len(table):
        return f"Without gene sets it would be better in every line, by up to {_points(-float(table['gain'].min()))}."
    if better.empty and worse.empty:
        return "With and without gene sets it is the same within the uncertainty."
    rest = len(table) - len(better) - len(worse)
    text = f"With gene sets it is better in {len(better)} of {count(len(table), 'line')} and worse in {len(worse)}"
    return f"{text}; the others do not differ within the uncertainty." if rest else f"{text}."


def _points(share: float) -> str:
    return f"{100.0 * share:.1f} percentage points"


def _hover(row: Mapping[Hashable, Any]) -> str:
    return f"{row['view']}: {row['r2']:.3f} ({row['lower']:.3f} to {row['upper']:.3f}), n = {row['n']}"


def uninformed(table: pd.DataFrame, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return how near each factor is to the factors of a fit without gene sets.

    Parameters
    ----------
    table
        What ``pathfa.analysis.uninformed`` returned.
    certainty
        How sure its sentence sounds.
    """
    require_table(table, "uninformed", "pathfa.analysis.uninformed(data, model=model)")
    factors = table[table["level"] == "factor"]
    names = [str(name) for name in factors["feature"]]
    axis = factor_axis(names, reverse=True)
    similar, within = factors["similarity"].to_numpy(dtype=float), factors["within"].to_numpy(dtype=float)
    kinds = [
        ("also found without gene sets", similar >= ALIKE),
        (
            "turned by the gene sets (without them there are only mixtures of it)",
            (similar < ALIKE) & (within >= ALIKE),
        ),
        ("not there without gene sets", within < ALIKE),
    ]  # fmt: skip
    parts = [
        f"{listed([factor_id(names[i]) for i in np.flatnonzero(rows)], 12)} {inflect(rows.sum(), 'are')} {words}"
        for words, rows in kinds
        if rows.any()
    ]
    return Figure(
        name="uninformed",
        question="Would the same factors be found without gene sets?",
        answer=certainty.close("; ".join(parts) + "." + _meaning(similar, within)),
        alt="A row per factor: a filled circle for the likeness to one factor of a fit without gene sets, an open "
        f"square for that to the nearest mixture of its factors; a dotted line marks {ALIKE}, from which both count as "
        "alike.",
        marks=(
            Points(x=similar, y=axis.labels, ids=axis.ids, name="like one factor without gene sets"),
            Points(x=within, y=axis.labels, ids=axis.ids, name="like a mixture of them", hollow=True, style=1),
            Rule(value=ALIKE, axis="x", label="alike"),
        ),
        x=Axis(title="Likeness of the loadings (cosine, 1 is identical)"),
        y=axis,
        table=table,
        height=180 + 26 * max(3, len(names)),
    )


def _meaning(similar: np.ndarray, within: np.ndarray) -> str:
    """Return in a sentence what it means where all factors are of one kind."""
    if (similar >= ALIKE).all():
        return " So the data made the factors, and the gene sets name them."
    if (within < ALIKE).all():
        return " So the factors are what the gene sets say, and the data alone would tell another story."
    return ""


def evidence_gain(table: pd.DataFrame) -> float:
    """Return what gene sets add to the log evidence, nats, from the table of ``uninformed``."""
    row = table[table["level"] == "evidence"].iloc[0]
    return float(row["with_gene_sets"] - row["without_gene_sets"])


def evidence_words(table: pd.DataFrame) -> str:
    """Return what the gene sets are worth to the model, in sentences."""
    gain = evidence_gain(table)
    views = table[table["level"] == "view"]
    shares = [
        f"{percent(row['without_gene_sets'])} of {row['feature']} instead of {percent(row['with_gene_sets'])}"
        for row in views.to_dict("records")
    ]
    if gain > 0:
        text = f"The evidence prefers the model with gene sets to the one without by {gain:,.0f} nats (5 are strong)."
    else:
        text = (
            f"The evidence prefers the model without gene sets by {-gain:,.0f} nats: they do not describe these data."
        )
    return f"{text} Without gene sets, as many factors explain {listed(shares, 9)}."
