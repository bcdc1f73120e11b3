"""All associations of a study in one table."""

from __future__ import annotations

import pandas as pd

from pathfa.analysis.association.copies import groups_of_copies
from pathfa.pl.wording import adjusted_words, effect_words
from pathfa.reporting.study.study import Study
from pathfa.result.summaries import SIGNIFICANT

ORIGINS = ("biological", "derived", "technical")
"""Where a covariate comes from, those that matter most first."""
_SURVIVAL = "survival"


def association_table(study: Study) -> pd.DataFrame:
    """Return every association of a factor or a gene set with a covariate or survival, a row each.

    Returns
    -------
    DataFrame
        ``covariate``, ``feature``, ``effect`` (in words, with its 95 % interval), ``q``, ``n``, ``adjusted`` (what
        is left of it beside another covariate, in words), ``more_than_random`` (whether a gene set is associated more
        than random ones; empty for factors), ``note``, ``of`` (``"factor"`` or ``"gene set"``), ``shown_under`` (the
        gene set with a smaller p that it is nearly a copy of), ``origin`` (one of ``ORIGINS``), then the numbers of
        ``pathfa.associate`` and ``pathfa.survival``, and those of ``adjusted``. Factors come before gene
        sets, then significant ones before others, by origin, by p.
    """
    parts = [
        part.assign(of=of)
        for of, table in (("factor", study.factor_tests), ("gene set", study.activity_tests))
        if table is not None
        for _, part in table.groupby("covariate", sort=False)
    ]
    if study.survival is not None:
        parts.append(study.survival.assign(of="gene set", covariate=_SURVIVAL, contrast=""))
    if not parts:
        return pd.DataFrame()
    table = pd.concat([_under_leads(part) for part in parts], ignore_index=True)
    names = table["covariate"].map(str)
    origin = names.map({name: study.origin(name) for name in names.unique()})
    tested = table["effect"].notna()
    words = [effect_words(row) if known else "" for row, known in zip(table.to_dict("records"), tested, strict=True)]
    more = table.get("competitive_q", pd.Series(float("nan"), index=table.index)) <= SIGNIFICANT
    shown = {
        "covariate": names,
        "feature": table["feature"].map(str),
        "effect": words,
        "q": table["q"],
        "n": table["n"],
        "adjusted": [adjusted_words(row) for row in table.to_dict("records")],
        "more_than_random": more.map({True: "yes", False: "no"}).where((table["of"] == "gene set") & tested, ""),
        "note": table["note"],
        "of": table["of"],
        "shown_under": table["shown_under"],
        "origin": origin,
        "estimate": table["effect"],
    }
    rest = table.drop(columns=[*shown, "near_copies"], errors="ignore")
    order = pd.DataFrame(
        {"of": table["of"], "not": ~(table["q"] <= SIGNIFICANT), "origin": origin.map(ORIGINS.index)}
    ).assign(p=table["p"])
    keys = order.sort_values(["of", "not", "origin", "p"], kind="stable").index
    return pd.DataFrame(shown).join(rest).loc[keys].reset_index(drop=True)


def _under_leads(part: pd.DataFrame) -> pd.DataFrame:
    """Return the associations of one covariate with the lead that each near copy is shown under."""
    ordered = part.sort_values("p", kind="stable")
    leads = {name: lead for lead, names in groups_of_copies(ordered).items() for name in names if name != lead}
    return part.assign(shown_under=[leads.get(name, "") for name in part["feature"].map(str)])
