"""Figure of how well two views agree."""

from __future__ import annotations

import pandas as pd

from pathfa.core.text import count, inflect
from pathfa.pl.figure.given import require_table
from pathfa.pl.figure.labels import gene_set_axis
from pathfa.pl.figure.spec import Axis, Figure, Points, Rule
from pathfa.pl.figure.words import Certainty, listed
from pathfa.result.labels import readable

_STATUSES = ("concordant", "unclear", "discordant", "seen in one view")


def concordance(table: pd.DataFrame, *, most: int = 40, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return the correlation of every activity between two views, with intervals.

    Parameters
    ----------
    table
        What ``pathfa.concordance`` returned for gene sets. Of several pairs of views the first is drawn.
    most
        Gene sets shown: those with the lowest and the highest correlations.
    certainty
        How sure its sentence sounds.
    """
    require_table(table, "concordance", "pathfa.concordance(model)")
    pair = str(table["covariate"].iloc[0])
    tested = table[(table["covariate"] == pair) & table["effect"].notna()].sort_values("effect", kind="stable")
    shown = tested if len(tested) <= most else pd.concat([tested.head(most // 2), tested.tail(most - most // 2)])
    axis = gene_set_axis([str(name) for name in shown["feature"]])
    label = dict(zip(axis.ids, axis.labels, strict=True))
    marks = [
        Points(
            x=part["effect"].to_numpy(),
            y=[label[str(name)] for name in part["feature"]],
            ids=[str(name) for name in part["feature"]],
            labels=[
                f"{readable(str(row.feature))}: r = {row.effect:.2f} ({row.lower:.2f} to {row.upper:.2f}), {row.status}"
                for row in part.itertuples()
            ],
            low=part["lower"].to_numpy(),
            high=part["upper"].to_numpy(),
            name=status,
            style=style,
        )
        for style, status in enumerate(_STATUSES)
        if len(part := shown[shown["status"] == status])
    ]
    counts = {status: int((tested["status"] == status).sum()) for status in _STATUSES}
    agree = certainty.verb(inflect(counts["concordant"], "agree"))
    answer = (
        f"Between {pair.replace(' ~ ', ' and ')}, {counts['concordant']} of {count(len(tested), 'activity')}"
        f" {agree}, {counts['discordant']} {inflect(counts['discordant'], 'differ')}, "
        f"{counts['unclear']} {inflect(counts['unclear'], 'are')} unclear and "
        f"{counts['seen in one view']} {inflect(counts['seen in one view'], 'are')} seen in one view only."
    )
    worst = [readable(str(name)) for name in tested.loc[tested["status"] == "discordant", "feature"]]
    if worst:
        answer += f" The views differ most in {listed(worst)}."
    return Figure(
        name="concordance",
        question=f"Do {pair.replace(' ~ ', ' and ')} tell the same story?",
        answer=certainty.close(answer),
        alt=f"Correlations of {count(len(shown), 'activity')} between the two views with 95 % intervals, lowest first. "
        "Colour and symbol tell whether they agree.",
        marks=(*marks, Rule(value=0.0, axis="x", label="no agreement")),
        x=Axis(title="Correlation over the samples of the activity from each view alone"),
        y=axis,
        table=table.rename(columns={"feature": "gene_set"}),
        height=200 + 19 * max(4, len(shown)),
    )
