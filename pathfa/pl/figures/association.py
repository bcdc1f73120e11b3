"""Figures of how factors and activities relate to covariates and outcome."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pathfa.analysis.association.copies import groups_of_copies
from pathfa.analysis.association.significance import named
from pathfa.core.names import factor_id, readable
from pathfa.core.text import count, part_of
from pathfa.pl.axes import covariates_in_words, factor_axis, gene_set_axis, short_labels
from pathfa.pl.figure import Figure, require_table
from pathfa.pl.spec import Axis, ColourScale, Entity, Heatmap, Line, Points, Rule
from pathfa.pl.wording import beside_words, drawn, effect_words, listed, number_with, q_value, rival_words
from pathfa.result.summaries import SIGNIFICANT

_CAP = 6.0  # -log10 q at the end of the palette


def associations(
    table: pd.DataFrame,
    *,
    level: str = "activity",
    technical: Sequence[str] = (),
    derived: Sequence[str] = (),
    most: int = 40,
) -> Figure:
    """Return the heat map of associations with covariates.

    Parameters
    ----------
    table
        What ``pathfa.associate`` returned.
    level
        ``"activity"`` or ``"scores"``, as it was asked.
    technical
        Covariates that should not matter; they come last and are named as technical.
    derived
        Covariates that look computed from the same data; they come after the others, are named as derived, and have
        paler colours, since their associations are expected.
    most
        Features shown, by smallest q. Covariates come by their smallest q.

    Examples
    --------
    >>> pf.pl.associations(pf.associate(model, ["subtype", "batch"]), technical=["batch"]).question
    'Which activities are associated with which covariates?'
    """
    require_table(table, "associations", "pathfa.associate(model, covariates)")
    table, (technical, derived) = covariates_in_words(table, technical, derived)
    tested = table[table["q"].notna()]
    marks = {**dict.fromkeys(derived, " (derived)"), **dict.fromkeys(technical, " (technical)")}
    strongest = table.groupby("covariate", sort=False)["q"].min().sort_values(kind="stable")
    names = sorted(strongest.index, key=lambda name: (name in technical, name in derived))
    found = tested.assign(found=named(tested)).sort_values(["found", "q"], ascending=[False, True], kind="stable")
    if level == "activity":
        rows = groups_of_copies(found)
        groups = dict(list(rows.items())[:most])
        part = drawn(len(groups), len(rows), "those with the smallest q")
        axis = gene_set_axis(groups, reverse=True, copies=groups)
    else:
        part = ""
        axis = factor_axis(sorted(table["feature"].map(str).unique(), key=_factor_number), reverse=True)
    kept = list(axis.ids)
    strength = tested.assign(
        strength=-np.log10(tested["q"].clip(lower=10.0**-_CAP)) * np.where(tested["effect"] < 0, -1.0, 1.0)
    ).pivot_table(index="feature", columns="covariate", values="strength", aggfunc="first")
    shown = strength.reindex(index=kept, columns=names)
    findings = found.pivot_table(index="feature", columns="covariate", values="found", aggfunc="first")
    stars = findings.reindex(index=kept, columns=names).eq(True).replace({True: "*", False: ""})
    labels = short_labels([f"{name}{marks.get(name, '')}" for name in names], 30)
    what, these = ("gene set", "activities") if level == "activity" else ("factor", "factors")
    scale, limits = ColourScale.DIVERGING, (-_CAP, _CAP)
    quiet = tuple(place for place, name in enumerate(names) if name in derived)
    return Figure(
        name=f"associations-{these}",
        question=f"Which {these} are associated with which covariates?",
        answer=_sentence(tested, what, technical, derived) + part,
        alt=f"Heat map of {count(len(kept), what)} by {count(len(names), 'covariate')}: -log10 of the q value with "
        f"the sign of the effect; a star marks q of {SIGNIFICANT} or less"
        f"{', and more than random gene sets' if level == 'activity' else ''}. Effects over several groups have no "
        "sign and count as positive.",
        marks=(Heatmap(values=shown, unit="signed -log10 q", scale=scale, text=stars, limits=limits, quiet=quiet),),
        x=Axis(title="Covariate", entity=Entity.COVARIATE, ids=tuple(map(str, names)), labels=labels),
        y=axis,
        # copies of every set beside each covariate: of a large collection more than all else
        table=table.drop(columns="near_copies", errors="ignore").rename(columns={"feature": what.replace(" ", "_")}),
        height=210 + 20 * max(4, len(kept)),
    )


def _factor_number(name: str) -> tuple[int, str]:
    digits = factor_id(name).removeprefix("F")
    return (int(digits) if digits.isdigit() else 10**6, name)


def _sentence(tested: pd.DataFrame, what: str, technical: Sequence[str], derived: Sequence[str]) -> str:
    apart, known = tested["covariate"].isin(derived), tested["covariate"].isin(technical)
    asked = tested[~known & ~apart].sort_values("p", kind="stable")
    parts = [_counted(asked, what)] if len(asked) else []
    if len(computed := tested[apart & ~known]):
        text = f"With derived covariates (paler): {_share_found(computed)}"
        parts.append(f"{text}, which confirms nothing." if _hits(computed) else f"{text}.")
    if _hits(batch := tested[known]):
        shown = readable if what == "gene set" else str
        names = [shown(name) for name in sorted(set(batch.loc[batch["q"] <= SIGNIFICANT, "feature"].map(str)))]
        parts.append(f"With technical covariates: {listed(names, 6)}.")
    return " ".join(parts) or f"No {what} could be tested."


def _hits(table: pd.DataFrame) -> int:
    return int((table["q"] <= SIGNIFICANT).sum())


def _share_found(table: pd.DataFrame) -> str:
    return f"{part_of(_hits(table), len(table), 'pair', 'have')} q of {SIGNIFICANT} or less"


def _counted(asked: pd.DataFrame, what: str) -> str:
    """Return how many pairs are associated, and the first of them, of covariates that could tell something."""
    if not _hits(asked):
        text = f"No {what} has q of {SIGNIFICANT} or less with a covariate (smallest q {asked['q'].min():.2g}). "
        return f"{text}With few samples this does not prove that there is nothing."
    shown, found = readable if what == "gene set" else str, asked[named(asked)]
    pairs = [
        f"{shown(str(row['feature']))} by {row['covariate']}: {effect_words(row)}, {q_value(row['q'])}"
        + (f", {beside}" if (beside := rival_words(row) or beside_words(row)) else "")
        for row in found.drop_duplicates("covariate").head(3).to_dict("records")
    ]
    text = _share_found(asked)
    text += f", {len(found)} of them beyond random gene sets" if what == "gene set" else ""
    return text + (f": {'; '.join(pairs)}." if pairs else ". None is named.")


def survival(table: pd.DataFrame, *, most: int = 20) -> Figure:
    """Return hazard ratios per sd of activity with their intervals.

    Parameters
    ----------
    table
        What ``pathfa.survival`` returned.
    most
        Features shown, by smallest p.

    Examples
    --------
    >>> pf.pl.survival(pf.survival(model, "survival_time", "survival_event")).question
    'Which activities are associated with survival?'
    """
    require_table(table, "survival", "pathfa.survival(model, time, event)")
    fitted = table[table["effect"].notna()]
    rows = groups_of_copies(fitted)
    groups = dict(list(rows.items())[:most])
    shown = fitted.set_index("feature", drop=False).loc[list(groups)].iloc[::-1]
    axis = gene_set_axis(shown["feature"], copies=groups)
    labels = [
        f"{readable(str(row['feature']))}: {number_with(row['effect'], row['lower'], row['upper'])}, q = {row['q']:.2g}"
        for row in shown.to_dict("records")
    ]
    hits, found = fitted[fitted["q"] <= SIGNIFICANT], fitted[named(fitted)]
    n, events = int(table["n"].iloc[0]), int(table["events"].iloc[0])
    if fitted.empty:
        answer = f"No Cox model was fitted: {table['note'].iloc[0]}."
    elif hits.empty:
        answer = (
            f"{count(n, 'sample')}, {count(events, 'event')}. No activity has q of {SIGNIFICANT} or less (smallest q "
        )
        answer += f"{fitted['q'].min():.2g}). Few events can hide a relation."
    else:
        leads = found[found["feature"].isin(list(groups_of_copies(found)))].to_dict("records")
        names = [f"{readable(str(row['feature']))}: {effect_words(row)}" for row in leads[:3]]
        answer = f"{count(n, 'sample')}, {count(events, 'event')}. "
        answer += f"{part_of(len(hits), len(fitted), 'activity', 'have')} q of {SIGNIFICANT} or less, {len(found)} of "
        answer += f"them beyond random gene sets. {'; '.join(names) or 'None is named'}."
    answer += drawn(len(groups), len(rows), "those with the smallest p")
    return Figure(
        name="survival",
        question="Which activities are associated with survival?",
        answer=answer,
        alt=f"Hazard ratios per sd of {count(len(shown), 'activity')} with 95 % intervals on a logarithmic axis; a "
        "dotted line marks 1, no relation.",
        marks=(
            Points.with_limits(shown, "effect", axis.labels, ids=axis.ids, labels=labels),
            Rule(value=1.0, axis="x", label="no relation"),
        ),
        x=Axis(title="Hazard ratio per sd of activity (log scale)", log=True),
        y=axis,
        table=table.rename(columns={"feature": "gene_set"}),
        height=180 + 20 * max(4, len(shown)),
    )


def survival_curves(table: pd.DataFrame, *, unit: str = "") -> Figure:
    """Return Kaplan-Meier curves of samples with low to high activity.

    Parameters
    ----------
    table
        What ``pathfa.km_groups`` returned.
    unit
        Unit of the time.

    Examples
    --------
    >>> curves = pf.km_groups(model, model.activity_.columns[0], "survival_time", "survival_event")
    >>> pf.pl.survival_curves(curves, unit="months").question
    'Do samples with low and high set 1 live equally long?'
    """
    require_table(table, "survival_curves", "pathfa.km_groups(model, gene_set, time, event)")
    feature = str(table["feature"].iloc[0])
    name = readable(feature)
    marks = tuple(
        Line(
            x=part["time"].to_numpy(),
            y=part["survival"].to_numpy(),
            low=part["lower"].to_numpy(),
            high=part["upper"].to_numpy(),
            name=f"{group} (n = {int(part['n'].iloc[0])}, {count(int(part['events'].sum()), 'event')})",
            steps=True,
            style=style,
        )
        for style, (group, part) in enumerate(table.groupby("group", sort=False))
    )
    return Figure(
        name="survival-curves",
        question=f"Do samples with low and high {name} live equally long?",
        answer=f"Log-rank p = {table['p'].iloc[0]:.2g} between groups of equal size, not corrected for the choice "
        "of this gene set; the Cox model is the test.",
        alt="Kaplan-Meier curves, one per group of activity, with 95 % bands; lines differ in colour and dashes.",
        marks=marks,
        x=Axis(title=f"Time ({unit})" if unit else "Time (unit as given)"),
        y=Axis(title="Share surviving", percent=True),
        table=table,
        height=400,
    )
