"""Figures of the fit."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.stats import norm

from pathfa.core.errors import ConfigError
from pathfa.core.text import count
from pathfa.pl.figure.choice import why_chosen
from pathfa.pl.figure.labels import unknown
from pathfa.pl.figure.spec import Axis, Figure, Line, Mark, Points, Rule
from pathfa.pl.figure.words import Certainty, listed, percent
from pathfa.result.result import PathFAResult, as_result


def convergence(model: object) -> Figure:
    """Return the log evidence by iteration of the chosen fit."""
    result = as_result(model)
    trace = result.trace
    last = trace["log_evidence"].to_numpy()
    gain = last[-1] - last[max(0, len(last) - 11)]
    ended = "and met its criterion" if result.converged else "and stopped before it met its criterion"
    return Figure(
        name="convergence",
        question="Did the fit come to rest?",
        answer=f"It ran for {count(result.n_iter, 'iteration')} {ended}; over the last ten the log evidence "
        f"{'rose' if gain >= 0 else 'fell'} by {abs(gain):.3g} nats.",
        alt="Line of the log evidence by iteration; it should rise and become flat.",
        marks=(Line(x=trace["iteration"].to_numpy(), y=last, markers=len(last) < 60),),
        x=Axis(title="Iteration"),
        y=Axis(title="Log evidence (nats)"),
        table=trace,
        height=320,
    )


def selection(model: object) -> Figure:
    """Return the evidence of every candidate by number of factors, a line per loading prior."""
    result = as_result(model)
    table = result.selection
    marks: list[Mark] = []
    for style, (prior, part) in enumerate(table.groupby("loading_prior", sort=True)):
        best = part.groupby("n_factors")["log_evidence"].max()
        marks.append(Line(x=best.index.to_numpy(), y=best.to_numpy(), name=f"{prior}: best start", style=style))
        marks.append(
            Points(
                x=part["n_factors"].to_numpy(),
                y=part["log_evidence"].to_numpy(),
                name=f"{prior}: every start",
                labels=[
                    f"{prior}, K = {row.n_factors}, start {row.start}: {row.log_evidence:,.1f}"
                    for row in part.itertuples()
                ],
                style=style,
                size=7.0,
            )
        )
    chosen = table[table["chosen"]].iloc[0]
    marks.append(Rule(value=float(chosen["n_factors"]), axis="x", label="chosen"))
    return Figure(
        name="selection",
        question="Why this number of factors and this loading prior?",
        answer=why_chosen(result),
        alt="Points of the log evidence of every fit by its number of factors, a line through the best of each "
        "loading prior, and a dotted line at the chosen number of factors.",
        marks=tuple(marks),
        x=Axis(title="Number of factors K"),
        y=Axis(title="Log evidence (nats)"),
        table=table,
        height=360,
    )


def start_agreement(result: PathFAResult) -> tuple[int, int]:
    """Return how many other starts of the chosen model came close to its evidence, and how many ran."""
    table = result.selection
    chosen = table[table["chosen"]].iloc[0]
    same = table[(table["n_factors"] == chosen["n_factors"]) & (table["loading_prior"] == chosen["loading_prior"])]
    ran = same["finished"] if "finished" in same else same["converged"]
    return len(result.settings.get("close_starts", ())), int((ran & ~same["chosen"]).sum())


def start_likeness(result: PathFAResult) -> float | None:
    """Return how much the factors of the starts that are as good agree with the chosen ones; None without such."""
    table = result.selection
    if "agreement" not in table:
        return None
    close = table["start"].isin(result.settings.get("close_starts", ())) & ~table["chosen"]
    found = table.loc[close, "agreement"].dropna()
    return float(found.mean()) if len(found) else None


def noise(model: object, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return the distribution of the noise sd of the features, a line per view."""
    result = as_result(model)
    marks, rows = [], []
    for style, (view, sd) in enumerate(result.noise.items()):
        values = np.sort(sd.to_numpy())
        share = (np.arange(len(values)) + 1.0) / len(values)
        picked = np.unique(np.linspace(0, len(values) - 1, 200).astype(int))
        marks.append(Line(x=values[picked], y=share[picked], name=view, style=style))
        rows.append(pd.DataFrame({"view": view, "feature": sd.index, "noise_sd": sd.to_numpy()}))
    medians = {view: float(sd.median()) for view, sd in result.noise.items()}
    words = ", ".join(f"{value:.2f} in {view}" for view, value in medians.items())
    return Figure(
        name="noise",
        question="How noisy is each view?",
        answer=certainty.close(
            f"The median noise sd is {words}, in fitted units (1 is all of the variance of a z-scored feature)."
        ),
        alt="Cumulative share of features by noise sd, one line per view; lines farther left are less noisy.",
        marks=tuple(marks),
        x=Axis(title="Noise sd (fitted units)"),
        y=Axis(title="Share of features", percent=True),
        table=pd.concat(rows, ignore_index=True).sort_values("noise_sd", ascending=False, kind="stable"),
        height=340,
    )


_MOST_RESIDUALS = 200_000  # entries behind the quantiles of a view
_FAR = 3.0  # sd beyond which a residual is far


def residuals(model: object, *, certainty: Certainty = Certainty.SURE) -> Figure:
    """Return quantiles of the standardised residuals against those of the normal distribution that the model assumes.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model; the fitted values must have been kept.
    certainty
        How sure its sentence sounds.

    Raises
    ------
    ConfigError
        If the fitted values were not kept.
    """
    result = as_result(model)
    if not result.data:
        finding = unknown("data", "none", result.view_names)
        raise ConfigError(findings=[replace(finding, expected="fitted values", fix="fit with keep_data=True")])
    share = np.concatenate([[0.001, 0.005], np.linspace(0.01, 0.99, 50), [0.995, 0.999]])
    expected = norm.ppf(share)
    marks: list[Mark] = [Line(x=expected[[0, -1]], y=expected[[0, -1]], name="as the model assumes", style=6)]
    rows, beyond = [], []
    for style, (view, values) in enumerate(result.data.items()):
        rest = values.to_numpy() - result.scores.to_numpy() @ result.loadings[view].to_numpy().T
        rest = (rest / result.noise[view].to_numpy())[np.isfinite(rest)]
        rest = np.random.default_rng(0).permutation(rest)[:_MOST_RESIDUALS]
        seen = np.quantile(rest, share)
        marks.append(Line(x=expected, y=seen, name=view, markers=True, style=style))
        rows.append(pd.DataFrame({"view": view, "share": share, "normal": expected, "residual": seen}))
        beyond.append(f"{percent(float((np.abs(rest) > _FAR).mean()))} in {view}")
    return Figure(
        name="residuals",
        question="Is what is left over like the noise that the model assumes?",
        answer=certainty.close(
            f"Residuals beyond {_FAR:.0f} noise sd: {listed(beyond, 9)}; the model expects "
            f"{percent(2.0 * norm.sf(_FAR))}. Many more mean heavy tails, and intervals that are too narrow."
        ),
        alt="Quantiles of the standardised residuals of each view against those of the normal distribution; on the "
        "straight line the noise is as assumed.",
        marks=tuple(marks),
        x=Axis(title="Quantile of the normal distribution (sd)"),
        y=Axis(title="Quantile of the residuals (noise sd)"),
        table=pd.concat(rows, ignore_index=True),
        height=400,
    )
