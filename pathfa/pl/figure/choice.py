"""Why a model was chosen although another has more evidence, in words for those who do not know the rules."""

from __future__ import annotations

import pandas as pd

from pathfa.inference.selection.rule import LEAST
from pathfa.result.result import PathFAResult

_WORDY = 0.5  # nats between starts that are worth a word
_STRICT, _SOFT = "strict", "soft"


def why_chosen(result: PathFAResult) -> str:
    """Return sentences on the choice of the number of factors, of the loading prior and of the start."""
    table = result.selection
    chosen = table[table["chosen"]].iloc[0]
    same = (table["n_factors"] == chosen["n_factors"]) & (table["loading_prior"] == chosen["loading_prior"])
    others = table[~same]
    name = _name(chosen)
    if others.empty:
        return " ".join([f"{name} was given, not chosen.", *_start(table[same], chosen)])
    best = others.loc[others["log_evidence"].idxmax()]
    own = float(table.loc[same, "log_evidence"].max())
    gap = own - float(best["log_evidence"])
    if gap >= 0:
        text = f"{name} has the highest evidence, {gap:,.1f} nats more than {_name(best)}, the next best."
        if gap < LEAST and best["n_factors"] > chosen["n_factors"]:
            text += " So further factors add nothing."
    elif -gap < LEAST and best["n_factors"] > chosen["n_factors"]:
        text = (
            f"{name} was chosen. {_name(best)} has {-gap:,.1f} nats more, but evidence is strong only from 5 nats on, "
            "so further factors add nothing."
        )
    else:
        text = f"{name} was chosen although {_name(best)} has {-gap:,.1f} nats more. {_rule(chosen, best)}"
    limit = (
        ["The evidence still rose when no more factors were allowed, so there may be more structure than is shown."]
        if result.settings.get("stopped") == "limit"
        else []
    )
    return " ".join([text, *limit, *_start(table[same], chosen)])


def _name(row: pd.Series) -> str:
    return f"K = {int(row['n_factors'])} with the {row['loading_prior']} prior"


def _rule(chosen: pd.Series, best: pd.Series) -> str:
    """Return the rule that a model with more evidence failed."""
    more = int(best["n_factors"] - chosen["n_factors"])
    if more > 0:
        further = "The further factor is" if more == 1 else f"The {more} further factors are"
        return (
            f"{further} not worth it: in real data every factor adds a little evidence without end, so one is added "
            "only while it brings at least 5 nats and a fortieth of what all before it have brought. Beyond that, fits "
            "of nearly equal evidence agree less on single factors. To see more, set the number of factors."
        )
    if chosen["loading_prior"] == _STRICT and best["loading_prior"] == _SOFT:
        return (
            "Within 5 nats both describe the data equally well, and then the simpler one, the strict prior, is taken."
        )
    return (
        "The search had left that model before its best start was known; both differ by so little that chance in the "
        "fitting can turn the order."
    )


def _start(same: pd.DataFrame, chosen: pd.Series) -> list[str]:
    """Return a sentence where another start of the chosen model has more evidence, else nothing."""
    gap = float(same["log_evidence"].max() - chosen["log_evidence"])
    if gap < _WORDY:
        return []
    text = (
        f"Of its starts, another ended {gap:,.1f} nats higher. Over all measured values this is too little to tell "
        "them apart, so the start was taken whose loadings follow the gene sets most: its factors can be named best."
    )
    return [text]
