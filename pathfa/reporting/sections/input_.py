"""What went in, and what was lost."""

from __future__ import annotations

import pandas as pd

from pathfa import pl
from pathfa.core.grammar import count
from pathfa.pl.wording import listed
from pathfa.reporting.page.page import Block, Plot, Section, Table
from pathfa.reporting.study.study import Study
from pathfa.result.summaries import identifier_table


def build(study: Study) -> Section:
    """Return the section."""
    result = study.result
    shapes = [f"{count(len(table), 'feature')} of {view}" for view, table in result.loadings.items()]
    lead = f"{count(len(result.scores), 'sample')}, {listed(shapes)}, and {count(len(result.gene_sets), 'gene set')}."
    blocks: list[Block] = [Plot(figure=pl.presence(result))]
    if len(result.flow):
        blocks.append(Plot(figure=pl.flow(result)))
    if len(identifier_table(result)):
        blocks.append(Plot(figure=pl.identifiers(result)))
    blocks.append(Plot(figure=pl.coverage(result)))
    blocks.append(
        Table(
            name="findings",
            title="What was wrong with the input, repaired or worth knowing",
            table=findings_table(study),
            note="Every problem that was found, with what was done about it."
            if result.findings
            else "Nothing was found.",
            open=bool(result.findings),
        )
    )
    return Section(anchor="input", title="What went in, and what was lost?", lead=lead, blocks=tuple(blocks))


def findings_table(study: Study) -> pd.DataFrame:
    """Return the findings, a row each."""
    columns = ["severity", "code", "view", "place", "found", "expected", "fix", "count", "examples"]
    rows = [{**item.to_dict(), "examples": "; ".join(item.examples)} for item in study.result.findings]
    return pd.DataFrame(rows, columns=columns)
