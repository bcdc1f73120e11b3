"""How much each factor explains, and where it is seen."""

from __future__ import annotations

import pandas as pd

from pathfa import pl
from pathfa.pl.factors import factor_share
from pathfa.pl.words import count, percent
from pathfa.report.page import Plot, Section, Table
from pathfa.report.study import Study
from pathfa.result import PathFAResult

SHARED_RATIO = 0.2
"""A factor is shared when the view that it explains least has at least this part of what it explains of the other."""


def build(study: Study) -> Section:
    """Return the section."""
    result = study.result
    table = sharing(result)
    shared = int((table["where"] == "shared").sum())
    lead = f"{shared} of {count(len(table), 'factor')} are shared between views" if len(result.view_names) > 1 else ""
    blocks = (
        Plot(figure=pl.variance_explained(result, certainty=study.certainty)),
        Table(
            name="factors",
            title="Shared, or seen in one view alone?",
            table=table,
            note=f"Shared: the weaker view has at least {percent(SHARED_RATIO)} of what is explained in the "
            "stronger one.",
            open=True,
        ),
        Plot(figure=pl.annotated_share(result, certainty=study.certainty)),
    )
    return Section(
        anchor="factors",
        title="Which factors matter, in which view?",
        lead=study.certainty.close(lead + "." if lead else f"{count(len(table), 'factor')} describe one view."),
        blocks=blocks,
    )


def sharing(result: PathFAResult) -> pd.DataFrame:
    """Return per factor what it explains of each view and where it is seen."""
    table = result.variance_explained.drop(index="total").clip(lower=0.0)
    where = []
    for _, row in table.iterrows():
        strong = row >= SHARED_RATIO * row.max()
        if row.max() <= 0:
            where.append("nothing")
        elif len(row) == 1:
            where.append(str(row.index[0]))
        elif strong.all():
            where.append("shared")
        else:
            where.append(" + ".join(map(str, row.index[strong])) + " only")
    shown = table.add_prefix("R2 ")
    shown.insert(0, "where", where)
    shown["share of members' loadings"] = [factor_share(result, name) for name in result.factor_names]
    return shown.rename_axis("factor").reset_index()
