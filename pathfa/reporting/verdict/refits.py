"""The part of the verdict that rests on checks that refit the model."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pathfa.analysis import Check
from pathfa.analysis.refits.uninformed import evidence_gain
from pathfa.core.grammar import part_of
from pathfa.pl.wording import percent, percent_with
from pathfa.reporting.study.study import Study
from pathfa.reporting.verdict import thresholds as limits
from pathfa.reporting.verdict.not_run import NOUN, WHAT
from pathfa.reporting.verdict.reason import Level, Reason, grade


def decoy_share(table: pd.DataFrame) -> float:
    """Return the share of the squared contributions that random gene sets take."""
    return float(table["decoy_share"].iloc[0])


def _standing_out(table: pd.DataFrame) -> int:
    return int((table["selected"].astype(bool) & (table["q"] <= limits.DECOY_Q)).sum())


def standing_out(table: pd.DataFrame) -> str:
    """Return how many of the selected gene sets stand out from random ones, in a sentence."""
    number, most, selected = _standing_out(table), limits.DECOY_Q, table["selected"].astype(bool)
    whole = part_of(number, int(selected.sum()), "selected gene set", "stand")
    return f"{whole} out from random ones (q at most {most})."


def heldout(study: Study) -> Iterator[Reason]:
    """Yield whether values of left-out samples are reproduced."""
    if study.heldout is None or study.heldout.empty:
        return
    best = study.heldout.sort_values("r2", kind="stable").iloc[-1]
    r2, lower, upper = (float(best[name]) for name in ("r2", "lower", "upper"))
    text = (
        f"In samples that were left out, {percent_with(r2, lower, upper)} of the variance of {best['view']} is "
        f"reproduced from {best['source']}."
        if r2 > limits.MIN_HELDOUT
        else "In samples that were left out, the values are reproduced no better than by the mean of the other samples."
    )
    level = grade(r2 <= limits.MIN_HELDOUT, lower <= limits.MIN_HELDOUT)
    topic = f"{percent(r2)} of {best['view']}"
    if level is not Level.PASS:
        topic = f"left-out samples that are {'not' if level is Level.STOP else 'hardly'} reproduced"
    yield Reason(code="heldout", level=level, text=text, topic=topic, anchor="fit")


def uninformed(study: Study) -> Iterator[Reason]:
    """Yield whether the gene sets help the model."""
    if study.uninformed is None:
        return
    gain = evidence_gain(study.uninformed)
    text = (
        f"Gene sets add {gain:,.0f} nats to the evidence of a model without them."
        if gain >= limits.MIN_EVIDENCE_GAIN
        else f"A model without gene sets has {-gain:,.0f} nats more evidence, so they do not describe these data."
    )
    level = grade(False, gain < limits.MIN_EVIDENCE_GAIN)
    yield Reason(
        code="uninformed", level=level, text=text, topic="gene sets that do not help the model", anchor="prior"
    )


def decoys(study: Study) -> Iterator[Reason]:
    """Yield whether the gene sets do better than random ones."""
    if study.decoys is None:
        return
    share, selected = decoy_share(study.decoys), bool(study.decoys["selected"].astype(bool).any())
    poor = share > limits.MAX_DECOY_SHARE
    as_well = share > limits.NO_BETTER_THAN_DECOYS
    bad = not selected or as_well or (poor and _standing_out(study.decoys) == 0)
    topic = "random gene sets that do as well" if as_well else "gene sets of which none stands out from random ones"
    text = (
        f"Random gene sets of the same sizes, put among the real ones, take {percent(share)} of the contributions; "
        "half would be no better than chance."
    )
    if not selected:
        topic, text = "no gene set that takes part", "No gene set takes part in a factor."
    elif not bad:
        topic = f"random gene sets that take {percent(share)} of the contributions"
    yield Reason(
        code="decoys",
        level=grade(bad, poor),
        text=text,
        topic=topic,
        anchor="prior",
    )


def stability(study: Study) -> Iterator[Reason]:
    """Yield whether the factors come back in resamples."""
    if study.stability is None:
        return
    table = study.stability
    median = float(table.loc[table["level"] == "factor", "effect"].median())
    yield Reason(
        code="stability",
        level=grade(False, median < limits.MIN_STABILITY),
        text=f"Refits on resamples give factors with a median similarity of {median:.2f} (1 is identical).",
        topic=f"factors that change in resamples (similarity {median:.2f})",
        anchor="prior",
    )


def not_done(study: Study) -> Iterator[Reason]:
    """Yield the checks that could not be done, with the reason."""
    for name, why in study.checks.not_done.items():
        yield Reason(
            code=name,
            level=Level.CAUTION,
            text=f"{WHAT[name]} It could not be done: {why}.",
            topic=f"{NOUN[name]} that could not be tried",
            anchor="fit" if name == Check.HELDOUT else "prior",
        )
