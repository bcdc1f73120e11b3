"""Figures of several cohorts: which programmes vary, what is found again, how far the views agree.

Nothing here loads what fits a model, so that an index page over many cohorts is made quickly.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pathfa.core.names import readable
from pathfa.core.text import capital, count
from pathfa.pl.axes import clustered, covariates_in_words, gene_set_axis, short_labels
from pathfa.pl.figure import Figure, require_table
from pathfa.pl.spec import Axis, ColourScale, Heatmap
from pathfa.pl.wording import drawn, effect_words, listed
from pathfa.result.summaries import SIGNIFICANT, spread_across

_MOST_LABELS = 50  # cohorts whose names fit


def cohort_axis(names: Iterable[object]) -> Axis:
    """Return an axis of cohorts; their names are left out where they do not fit."""
    given = [str(name) for name in names]
    labels = short_labels(given, 30)
    hide = len(given) > _MOST_LABELS
    return Axis(title=f"Cohort (n = {len(given)})", labels=labels, hide_labels=hide)


def spread(activities: Mapping[str, Mapping[str, float]], *, most: int = 40) -> Figure:
    """Return which programmes vary in which cohort.

    Parameters
    ----------
    activities
        Per cohort the sd over its samples of the activity of each gene set.
    most
        Gene sets shown, those that vary most.

    Examples
    --------
    >>> varies = {"north": model.activity_.std().to_dict(), "south": model.activity_.std().to_dict()}
    >>> pf.pl.spread(varies).question
    'Which programmes vary in which cohort?'
    """
    share, everywhere = spread_across(activities, most)
    shown = share.iloc[clustered(share.fillna(0.0).to_numpy())]
    common = [readable(name) for name in everywhere[:3]]
    answer = f"{listed(common)} vary in every cohort." if common else "No gene set varies in every cohort."
    return Figure(
        name="spread",
        question="Which programmes vary in which cohort?",
        answer=f"{answer} {count(len(shown), 'gene set', 'are')} shown, chosen by spread.",
        alt=f"Heat map of {count(len(shown), 'gene set')} by {count(share.shape[1], 'cohort')}; each cell is the "
        "spread of the activity over the samples, as a share of the largest in that cohort. Blank: not active or not "
        "measured.",
        marks=(Heatmap(values=shown, unit="spread, share of the largest", limits=(0.0, 1.0)),),
        x=cohort_axis(share.columns),
        y=gene_set_axis(shown.index, reverse=True),
        table=pd.DataFrame(activities).rename_axis("gene_set").reset_index(),
        height=200 + 18 * max(6, len(shown)),
    )


def replicated(
    table: pd.DataFrame, *, technical: Sequence[str] = (), derived: Sequence[str] = (), most: int = 30
) -> Figure:
    """Return what is associated with which covariate in how many cohorts, and in which direction.

    Parameters
    ----------
    table
        What ``pathfa.meta_analysis`` returned.
    technical
        Covariates that should not matter; they come last and are named as technical.
    derived
        Covariates that look computed from the same data; they come after the others and are named as derived.
    most
        Gene sets shown: those found in most cohorts, then by ``replicated_p``.

    Examples
    --------
    >>> tables = {"north": pf.associate(model, ["subtype"]), "south": pf.associate(model, ["subtype"])}
    >>> pf.pl.replicated(pf.meta_analysis(tables)).question
    'What is associated with which covariate in how many cohorts?'
    """
    require_table(table, "replicated", "pathfa.meta_analysis(tables)")
    table, (technical, derived) = covariates_in_words(table, technical, derived)
    columns = table[["covariate", "contrast"]].drop_duplicates().apply(tuple, axis=1).tolist()
    columns.sort(key=lambda key: (key[0] in technical, key[0] in derived))
    apart = table["covariate"].isin([*technical, *derived])
    order = table.assign(apart=apart, again=table["replicated_q"] <= SIGNIFICANT).sort_values(
        ["apart", "again", "found", "replicated_p"], ascending=[True, False, False, True], kind="stable"
    )
    kept = list(dict.fromkeys(order["feature"].map(str)))
    part = drawn(min(most, len(kept)), len(kept), "those found again or in most cohorts")
    kept = kept[:most]
    net = table["found_higher"] - table["found_lower"]
    net = net.where(table["found_higher"] + table["found_lower"] > 0, table["found"])
    star = np.where(table["replicated_q"] <= SIGNIFICANT, "*", "")
    cells = table.assign(
        share=net / table["cohorts"],
        words=np.where(table["found"] > 0, table["found"].astype(str) + "/" + table["cohorts"].astype(str) + star, ""),
    )

    def wide(column: str) -> pd.DataFrame:
        found = cells.pivot_table(index="feature", columns=["covariate", "contrast"], values=column, aggfunc="first")
        return found.reindex(index=kept, columns=pd.MultiIndex.from_tuples(columns))

    marks = {**dict.fromkeys(derived, " (derived)"), **dict.fromkeys(technical, " (technical)")}
    labels = [f"{name}{f': {contrast}' if contrast else ''}{marks.get(name, '')}" for name, contrast in columns]
    return Figure(
        name="replicated",
        question="What is associated with which covariate in how many cohorts?",
        answer=_again(order[~order["apart"]], table) + part,
        alt=f"Heat map of {count(len(kept), 'gene set')} by {count(len(columns), 'covariate')}: the share of the "
        "cohorts in which the gene set is a finding of its own, positive where its activity is higher, negative where "
        "it is lower, with the numbers of cohorts; a star marks the same direction in two cohorts or more at q of "
        f"{SIGNIFICANT} or less. Effects over several groups have no sign and count as positive.",
        marks=(
            Heatmap(
                values=wide("share"),
                unit="share of cohorts, signed",
                scale=ColourScale.DIVERGING,
                text=wide("words").fillna(""),
                limits=(-1.0, 1.0),
            ),
        ),
        x=Axis(
            title="Covariate",
            labels=short_labels(labels, 40),
        ),
        y=gene_set_axis(kept, reverse=True),
        table=table.rename(columns={"feature": "gene_set"}),
        height=220 + 20 * max(4, len(kept)),
    )


def _again(rows: pd.DataFrame, table: pd.DataFrame) -> str:
    """Return what was found again, the first of each covariate with its size and heterogeneity."""
    size = f"{count(table['feature'].nunique(), 'gene set')} and {count(table['covariate'].nunique(), 'covariate')}"
    again = rows[rows["again"]]
    if again.empty:
        return (
            f"Of {size}, no gene set is a finding in the same direction in two cohorts or more at q of {SIGNIFICANT} "
            "or less. With few samples this is not a proof that there is nothing."
        )
    first = again.drop_duplicates("covariate").head(3).to_dict("records")
    return (
        f"Of {size}, {count(len(again), 'pair', 'are')} found in the same direction in two cohorts or more (q of "
        f"{SIGNIFICANT} or less). {' '.join(map(_told, first))}"
    )


def _told(row: Mapping[Hashable, Any]) -> str:
    """Return a sentence on one gene set and covariate."""
    name = readable(str(row["feature"]))
    known = count(row["cohorts"], "cohort")
    text = f"{capital(name)} by {row['covariate']}: found in {row['found']} of {known}"
    if same := max(row["higher_in"], row["lower_in"]):
        text += f", in the same direction in {'all' if same == row['cohorts'] else same}"
    if np.isfinite(row["lower"]) and np.isfinite(row["upper"]):
        text += f"; on average {effect_words(row)} (I2 {100.0 * row['i2']:.0f} %)"
    return f"{text}."


def agreement(table: pd.DataFrame, cohorts: Mapping[str, pd.DataFrame], *, most: int = 40) -> Figure:
    """Return how far two views agree on each programme in each cohort.

    Parameters
    ----------
    table
        What ``pathfa.meta_analysis`` returned of ``cohorts``, of one pair of views.
    cohorts
        Per cohort what ``pathfa.concordance`` returned.
    most
        Gene sets shown, from both ends where there are more.

    Examples
    --------
    >>> views = {"north": pf.concordance(model), "south": pf.concordance(model)}
    >>> pf.pl.agreement(pf.meta_analysis(views), views).question
    'How far do rna and protein agree, in which cohort?'
    """
    require_table(table, "agreement", "pathfa.meta_analysis({cohort: pathfa.concordance(model), ...})")
    (pair,) = table["covariate"].unique()
    first, second = str(pair).split(" ~ ")
    ranked = table.dropna(subset=["effect"]).sort_values("effect", ascending=False, kind="stable")
    half = most // 2
    ends = ranked if len(ranked) <= most else pd.concat([ranked.head(half), ranked.tail(half)])
    kept = ends["feature"].map(str).tolist()
    values = pd.DataFrame(
        {name: _correlations(each, str(pair)) for name, each in cohorts.items() if (each["covariate"] == pair).any()}
    )
    told = [
        f"{readable(str(row['feature']))} ({row['effect']:z.2f} on average, {row['lower']:z.2f} to {row['upper']:z.2f})"
        for row in (ranked.iloc[[0, -1]].to_dict("records") if len(ranked) > 1 else [])
    ]
    differ = int((ranked["heterogeneity_p"] <= SIGNIFICANT).sum())
    answer = f"{first} and {second} agree most on {told[0]} and least on {told[1]}. " if told else ""
    answer += f"On {differ} of {count(len(ranked), 'gene set')} the cohorts differ by more than chance "
    answer += f"(Cochran's Q, p of {SIGNIFICANT} or less)."
    answer += drawn(len(ends), len(ranked), "those that agree most and least")
    return Figure(
        name=f"agreement-{first}-{second}",
        question=f"How far do {first} and {second} agree, in which cohort?",
        answer=answer,
        alt=f"Heat map of {count(len(kept), 'gene set')} by {count(values.shape[1], 'cohort')}: correlation over the "
        f"samples of the means of the members in {first} and in {second}; those that agree most on average are on top.",
        marks=(
            Heatmap(
                values=values.reindex(index=kept),
                unit="correlation of the views",
                scale=ColourScale.DIVERGING,
                limits=(-1.0, 1.0),
            ),
        ),
        x=cohort_axis(values.columns),
        y=gene_set_axis(kept, reverse=True),
        table=table.rename(columns={"feature": "gene_set"}),
        height=200 + 18 * max(6, len(kept)),
    )


def _correlations(table: pd.DataFrame, pair: str) -> pd.Series:
    rows = table[table["covariate"] == pair]
    return pd.Series(rows["effect"].to_numpy(dtype=float), index=rows["feature"].map(str))
