"""How much each factor explains, and where it is seen."""

from __future__ import annotations

import pandas as pd

from pathfa import pl
from pathfa.core.grammar import count, part_of
from pathfa.pl.wording import percent
from pathfa.reporting.page.page import Plot, Section, Table
from pathfa.reporting.study.study import Study
from pathfa.result.summaries import SHARED_RATIO, factor_share, seen_in


def build(study: Study) -> Section:
    """Return the section."""
    result = study.result
    table = sharing(study)
    shared = int((table["where"] == "shared").sum())
    lead = f"{part_of(shared, len(table), 'factor', 'are')} shared between views" if len(result.view_names) > 1 else ""
    blocks = (
        Plot(figure=pl.variance_explained(result, certainty=study.certainty)),
        Table(
            name="factors",
            title="Shared, or seen in one view alone?",
            table=table,
            note=f"Shared: the weaker view has at least {percent(SHARED_RATIO)} of what is explained in the "
            "stronger one. Lower and upper are 95 % limits of R2 over the samples (bootstrap, factors held).",
            open=True,
        ),
        Plot(figure=pl.annotated_share(result, certainty=study.certainty)),
    )
    return Section(
        anchor="factors",
        title="Which factors matter, in which view?",
        lead=study.certainty.close(lead + "." if lead else f"{count(len(table), 'factor', 'describe')} one view."),
        blocks=blocks,
    )


def sharing(study: Study) -> pd.DataFrame:
    """Return per factor what it explains of each view, with intervals, and where it is seen."""
    result = study.result
    table = result.variance_explained.drop(index="total").clip(lower=0.0)
    where = []
    for _, strong in seen_in(result).iterrows():
        if not strong.any():
            where.append("nothing")
        elif len(strong) == 1:
            where.append(str(strong.index[0]))
        elif strong.all():
            where.append("shared")
        else:
            where.append(" + ".join(map(str, strong.index[strong])) + " only")
    parts: dict[str, pd.Series] = {}
    for view in result.view_names:
        rows = study.explained[study.explained["view"] == view].set_index("factor").loc[table.index]
        parts |= {f"R2 {view}": table[view]}
        parts |= {f"{limit} {view}": rows[limit] for limit in ("lower", "upper") if rows[limit].notna().any()}
    shown = pd.DataFrame(parts, index=table.index)
    shown.insert(0, "where", where)
    shown["share of members' loadings"] = [factor_share(result, name) for name in result.factor_names]
    return shown.rename_axis("factor").reset_index()
