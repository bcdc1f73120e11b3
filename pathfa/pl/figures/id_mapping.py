"""What became of the names of the features."""

from __future__ import annotations

import pandas as pd

from pathfa.core.text import count
from pathfa.pl.figure.spec import Axis, Bars, Figure
from pathfa.pl.figure.words import listed
from pathfa.result.result import PathFAResult, as_result

STATUSES = {
    "unchanged": "kept their name",
    "mapped": "got another name",
    "ambiguous": "stand for several names",
    "lost": "have no known name",
}


def identifier_table(result: PathFAResult) -> pd.DataFrame:
    """Return per view and translation how many features had which fate.

    Returns
    -------
    DataFrame
        ``view``, ``from``, ``to``, ``features``, ``unchanged``, ``mapped``, ``ambiguous``, ``lost``, ``merged`` (names
        that several features share). No row for a view whose names were not translated.
    """
    columns = ["view", "from", "to", "features", *STATUSES, "merged"]
    return pd.DataFrame(result.provenance.get("identifiers", []), columns=columns)


def identifiers(model: object) -> Figure:
    """Return how many features of each view were translated, were ambiguous or were lost."""
    table = identifier_table(as_result(model))
    labels = tuple(f"{row['view']}: {row['from']} to {row['to']}" for row in table.to_dict("records"))
    words = [
        f"of {count(row['features'], 'feature')} of {row['view']}, taken for {row['from']}, "
        + listed([f"{row[status]:,} {said}" for status, said in STATUSES.items() if row[status]], 9)
        + (f"; {count(row['merged'], 'name', 'are')} shared by several features, "
           "which were merged" if row["merged"] else "")
        for row in table.to_dict("records")
    ]  # fmt: skip
    answer = ". ".join(word[0].upper() + word[1:] for word in words) if words else "No names were translated"
    return Figure(
        name="identifiers",
        question="What became of the names of the features?",
        answer=answer + ".",
        alt="Stacked bars, one per view: how many features kept their name, got another, stand for several names, or "
        "have no known name.",
        marks=tuple(
            Bars(
                labels=labels,
                values=table[status].to_numpy(),
                name=f"{said} ({status})",
                horizontal=True,
                style=style,
            )
            for style, (status, said) in enumerate(STATUSES.items())
        ),
        x=Axis(title="Features"),
        y=Axis(labels=labels, reverse=True),
        table=table,
        height=170 + 46 * max(1, len(labels)),
        stack=True,
    )
