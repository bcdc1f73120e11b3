"""What went in, and what was lost."""

from __future__ import annotations

from pathfa import pl
from pathfa.core.findings import findings_table
from pathfa.core.text import count
from pathfa.pl.figure.words import listed
from pathfa.pl.figures.id_mapping import identifier_table
from pathfa.reporting.page.page import Block, Plot, Section, Table
from pathfa.reporting.study.study import Study


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
            table=findings_table(result.findings),
            note="Every problem that was found, with what was done about it."
            if result.findings
            else "Nothing was found.",
            open=bool(result.findings),
        )
    )
    return Section(anchor="input", title="What went in, and what was lost?", lead=lead, blocks=tuple(blocks))
