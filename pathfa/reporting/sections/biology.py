"""The section on what is associated with covariates and outcome: biology or batch."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pathfa import pl
from pathfa.core.names import factor_id
from pathfa.core.text import count, inflect
from pathfa.pl.wording import listed, spans
from pathfa.reporting.page.blocks import Block, Filter, Pairs, Plot, Section, TableBlock, Text, Widget
from pathfa.reporting.study.associations import ORIGINS, association_table
from pathfa.reporting.study.study import Study
from pathfa.result.summaries import SIGNIFICANT

_NO_COVARIATES = (
    "No covariates were given, so nothing is said about what the factors are associated with. Give a table with one "
    "row per sample (age, stage, batch, ...)."
)
_PLUG_IN = "The cohort is large: the uncertainty of single activities is small and is not in the effects."
_TABLE = "associations"
_NOTE = (
    "Effects are the observed ones with 95 % intervals. q is over the factors, or the gene sets, of one covariate; "
    "of many covariates some can be below 0.05 by chance. More than random: whether a gene set is associated more than "
    "random sets of its size; sentences name those alone. Adjusted: what is left beside the other covariate of the "
    "same factor or gene set that leaves least; where adjusted q is above 0.05, the two cannot be told apart. Near "
    "copies (correlation above 0.95) stand in one row."
)
_MOST = 8  # covariates named in a sentence


def covariates_section(study: Study) -> Section:
    """Return what is associated with covariates and outcome: biology or batch."""
    blocks: list[Block] = []
    if study.tested:
        blocks += [TableBlock(_TABLE, "All associations", association_table(study), _NOTE, open=True, filters=_FILTERS)]
        blocks += [Text((text,)) for text in _without(study)]
    for level, table in (("scores", study.factor_tests), ("activity", study.activity_tests)):
        if table is not None and len(table):
            figure = pl.associations(table, level=level, technical=study.technical, derived=list(study.derived))
            blocks.append(Plot(figure, table=_TABLE))
    if study.tested:
        note = "Click a cell above, or choose here."
        blocks.append(Widget("covariate", "One factor or gene set against one covariate", note))
    if study.survival is not None and len(study.survival):
        blocks.append(Plot(pl.survival(study.survival)))
    if study.curves is not None:
        blocks.append(Plot(pl.survival_curves(study.curves)))
    if reasons := {**_withheld(study), **study.left_out}:
        blocks.append(Pairs(tuple(reasons.items()), title="Not shown or not tested"))
    lead = _lead(study) if study.tested else _NO_COVARIATES
    return Section("biology", "Biology or batch?", lead, tuple(blocks))


_FILTERS = (
    Filter(column="origin", label="Covariates", start=ORIGINS[0]),
    Filter(column="covariate", label="Covariate"),
    Filter(column="of", label="Of"),
    Filter(column="q", label=f"also q above {SIGNIFICANT}", most=SIGNIFICANT),
    Filter(column="shown_under", label="near copies in rows of their own", blank=True),
)


def _lead(study: Study) -> str:
    """Return which covariates were tested."""
    tested = [name for name in study.tested if name not in _withheld(study)]
    clinical = [name for name in tested if study.origin(name) == "biological"]
    parts = [f"{count(len(clinical), 'biological covariate')} ({listed(clinical, _MOST)})"] if clinical else []
    if derived := [name for name in tested if name in study.derived]:
        parts.append(f"{count(len(derived), 'derived one')} ({listed(derived, _MOST)})")
    if study.technical:
        parts.append(f"{count(len(study.technical), 'technical one')} ({listed(study.technical, _MOST)})")
    lead = f"Tested: {listed(parts, len(parts)) or 'none'}."
    if not study.technical:
        lead += " None is known to be technical, so a batch cannot be seen here."
    without = int(study.covariates.isna().all(axis=1).sum())
    if without:
        lead += f" {without:,} of {count(len(study.covariates), 'sample')} {inflect(without, 'have')} no covariate."
    return lead + ("" if study.pooled else f" {_PLUG_IN}")


def _without(study: Study) -> Iterator[str]:
    """Yield which factors are doubtful, what nothing is associated with, and whose associations are expected."""
    tables = [table for table in (study.factor_tests, study.activity_tests) if table is not None]
    hits = pd.concat([table[table["q"] <= SIGNIFICANT] for table in tables])
    hit = set(hits["covariate"].map(str))
    tested = {str(name) for table in tables for name in table.loc[table["q"].notna(), "covariate"]}
    if doubtful := [factor_id(name) for name in study.lost if name in set(hits["feature"].map(str))]:
        yield (
            f"Other fits do not find {spans(doubtful)}: associations of {'it' if len(doubtful) == 1 else 'them'} "
            "describe this fit alone."
        )
    if silent := [name for name in study.tested if name in tested and name not in hit]:
        yield (
            f"Nothing with q of {SIGNIFICANT} or less: {listed(silent, len(silent))}. This does not prove that there "
            "is nothing."
        )
    for reason in dict.fromkeys(study.derived.values()):
        names = [name for name, own in study.derived.items() if own == reason]
        yield (
            f"Derived ({reason}): {listed(names, len(names))}. What is computed from the same data is associated by "
            "construction, which confirms nothing."
        )


def _withheld(study: Study) -> dict[str, str]:
    """Return why covariates were not tested, where that showed only in the test."""
    found = {}
    for table in (study.factor_tests, study.activity_tests):
        if table is not None:
            for name, part in table.groupby("covariate", sort=False):
                if part["p"].isna().all():
                    found[str(name)] = str(part["note"].iloc[0]).replace("withheld", "not tested", 1)
    return found
