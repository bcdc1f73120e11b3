"""The data that a page carries for its scripts: numbers in few bytes, names once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pathfa.analysis.summaries import low_names
from pathfa.core.columns import not_years
from pathfa.core.names import factor_id, other_words, readable, set_spellings
from pathfa.pl.colours import BLANK, DIVERGING, OKABE_ITO, SEQUENTIAL, SYMBOLS
from pathfa.pl.figures.strips import MOST_LEVELS, is_measured
from pathfa.pl.render_plotly import draw
from pathfa.reporting.page.blocks import Overview, Section
from pathfa.reporting.page.links import set_page
from pathfa.reporting.page.packing import packed
from pathfa.reporting.page.people import of_samples
from pathfa.reporting.page.tables import column_data, spelled, table_data
from pathfa.reporting.study.study import Study
from pathfa.result.result import PathFAResult
from pathfa.result.sources import OWN
from pathfa.result.summaries import LIKELY, SIGNIFICANT, SURE, outliers

MOST_VALUES = 4_000_000
"""Fitted values of members travel with the page up to this many."""
MOST_LOADINGS = 1_000_000
"""Loadings of every feature travel with the page up to this many; beyond, those of members and the strongest others."""
OUTSIDERS = 25
"""Features outside every gene set that are kept per factor and view."""
SAMPLE_VALUES_SPAN = 4.0
"""Fitted values are cut at this many sd for colours."""


def page_data(study: Study, sections: Sequence[Section], folder: str) -> dict[str, Any]:
    """Return the JSON data of a report, by name.

    Parameters
    ----------
    study, sections
        What the report shows.
    folder
        Name of the folder beside the report, where the tables are.
    """
    result = study.result
    kept = {view: _features(result, view) for view in result.view_names}
    names = sorted({name for index in kept.values() for name in index} | _members(result))
    figures = [figure for section in sections for figure in section.figures()]
    tables = {
        name: spelled(table, result.gene_set_names) for section in sections for name, table in section.tables().items()
    }
    filters = {name: asked for section in sections for name, asked in section.filters().items()}
    return {
        "atlas": _atlas(study, kept, names),
        "page": {
            "palette": {
                "colours": OKABE_ITO,
                "symbols": SYMBOLS,
                "levels": MOST_LEVELS,
                "blank": BLANK,
                "diverging": [[stop, colour] for stop, colour in DIVERGING],
                "sequential": [[stop, colour] for stop, colour in SEQUENTIAL],
            },
            "first_pair": _first_pair(study),
            "first_sample": str(outliers(result).index[0]),
            "told": [
                name
                for section in sections
                for block in section.blocks
                if isinstance(block, Overview)
                for name in block.told
            ],
            "factor": _factors(study),
            "gene_set": [_gene_set(name) for name in result.gene_set_names],
            "covariate": [_found_by(str(name), study.covariates[name]) for name in study.covariates.columns],
            "gene": names,
            "sample": result.sample_names,
        },
        "figures": {figure.name: draw(figure) for figure in figures},
        "tables": {
            name: table_data(table, f"{folder}/{name}.tsv", filters.get(name, ())) for name, table in tables.items()
        },
    }


def _found_by(name: str, values: pd.Series) -> dict[str, Any]:
    """Return a covariate with the words by which it is found: its name and its levels, short and written out."""
    levels = [] if is_measured(values) else sorted(values.dropna().map(str).unique())
    also = [*levels, *filter(None, map(other_words, (name, *levels)))]
    return {"id": name, "label": name, "also": also}


def _gene_set(name: str) -> dict[str, Any]:
    """Return a gene set as it is named, with its page in a database where its name says which."""
    return {"id": name, "label": readable(name), "also": set_spellings(name)[2:], "page": set_page(name)}


def _factors(study: Study) -> list[dict[str, Any]]:
    """Return every factor with why it is not to be read as its name says, in words."""
    low, found = low_names(study.result), []
    for name in study.result.factor_names:
        doubts = ["not found by other fits"] * (name in study.lost) + ["weak name"] * (factor_id(name) in low)
        found.append({"id": name, "label": factor_id(name), "doubts": doubts})
    return found


def _first_pair(study: Study) -> dict[str, str] | None:
    """Return the factor and the covariate with the strongest association."""
    if study.factor_tests is None or study.factor_tests["p"].isna().all():
        return None
    tests = study.factor_tests.assign(last=study.factor_tests["covariate"].isin(study.derived))
    row = tests.sort_values(["last", "p"], kind="stable").iloc[0]
    return {"factor": str(row["feature"]), "covariate": str(row["covariate"])}


def _atlas(study: Study, kept: Mapping[str, list[str]], names: Sequence[str]) -> dict[str, Any]:
    """Return the data of cards and sample pages, for the features kept of each view and the names of all genes.

    Downloads come from the tables, which are not packed.
    """
    result = study.result
    shown = {view: index[: _valued(result, view)] for view, index in kept.items()}
    place = {name: index for index, name in enumerate(names)}
    size = sum(map(len, shown.values())) * len(result.scores)
    with_values = bool(result.data) and size <= MOST_VALUES
    return {
        "members": [[place[gene] for gene in result.gene_sets[name]] for name in result.gene_set_names],
        "takes_part": _taking_part(result),
        **of_samples(study),
        "sources": _sources(result),
        "weights": packed(result.gene_set_weights.to_numpy()),
        "probability": packed(result.gene_set_probability.to_numpy()),
        "views": [
            {
                "name": view,
                "genes": [place[name] for name in kept[view]],
                "complete": len(kept[view]) == len(result.loadings[view]),
                "loadings": packed(result.loadings[view].loc[kept[view]].to_numpy()),
                "sd": packed(result.loadings_sd[view].loc[kept[view]].to_numpy()),
                "present": [int(seen) for seen in result.presence[view]],
                "r2": [float(f"{value:.4g}") for value in result.variance_explained[view].to_numpy()[:-1]],
                "values": packed(_values(result, view, shown[view]), bits=8) if with_values else None,
            }
            for view in result.view_names
        ],
        "covariates": [_covariate(str(name), study.covariates[name]) for name in study.covariates.columns],
        "technical": list(study.technical),
        "derived": list(study.derived),
        "likely": LIKELY,
        "significant": SIGNIFICANT,
        "sure": SURE,
    }


def _sources(result: PathFAResult) -> list[dict[str, Any] | None]:
    """Return per gene set the factor with the largest share of its activity and what is its own, with intervals."""
    if not result.factor_names:
        return []  # there is no card to tell it
    found, factors = result.activity_sources, result.factor_names
    if not factors:  # all of them are the sets' own
        return [None] * len(found.share)
    lead = np.abs(found.share[factors].fillna(0.0).to_numpy()).argmax(axis=1)
    shares = np.stack([table.to_numpy() for table in (found.share, found.lower, found.upper)], axis=-1).round(4)
    own = found.share.columns.get_loc(OWN)
    return [
        None if np.isnan(row[own]).any() else {"factor": int(k), "led": row[k].tolist(), "own": row[own].tolist()}
        for k, row in zip(lead, shares, strict=True)
    ]


def _taking_part(result: PathFAResult) -> list[list[float | None] | None] | None:
    """Return per gene set the probability that each member takes part in it; None where all do, or none is measured."""
    told = result.members.round(3)
    if not (told < 1.0).any():
        return None
    known = set(told.index.get_level_values(0))
    by_set = {name: told.loc[name].to_dict() for name in known}
    return [
        [by_set[name].get(gene) for gene in result.gene_sets[name]] if name in known else None
        for name in result.gene_set_names
    ]


def _members(result: PathFAResult) -> set[str]:
    return {gene for members in result.gene_sets.values() for gene in members}


def _features(result: PathFAResult, view: str) -> list[str]:
    """Return the features of a view whose loadings cards can show, those with fitted values first.

    All of them where they are not too many; else members of gene sets, and the strongest others.
    """
    table = result.loadings[view]
    inside, outside = _inside(result, view), _outsiders(result, view)
    some = inside | outside
    order = [*table.index[some]]
    if sum(item.size for item in result.loadings.values()) <= MOST_LOADINGS:
        order += [*table.index[~some]]
    return [str(name) for name in order]


def _valued(result: PathFAResult, view: str) -> int:
    """Return of how many features of a view fitted values travel with the page."""
    return int((_inside(result, view) | _outsiders(result, view)).sum())


def _inside(result: PathFAResult, view: str) -> np.ndarray:
    """Return which features of a view are members of a gene set, G."""
    return np.asarray(np.diff(result.masks[view].indptr) > 0)


def _outsiders(result: PathFAResult, view: str) -> np.ndarray:
    """Return which features of a view are the strongest of a factor outside every gene set, G."""
    strength = np.where(_inside(result, view)[:, None], 0.0, np.abs(result.loadings[view].to_numpy()))
    keep = np.zeros(len(strength), dtype=bool)
    for column in strength.T:
        top = np.argsort(-column, kind="stable")[:OUTSIDERS]
        keep[top[column[top] > 0]] = True
    return keep


def _values(result: PathFAResult, view: str, features: list[str]) -> np.ndarray:
    """Return fitted values in sd of each feature, N x G, cut at the span of the colours."""
    table = result.data[view][features].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        table = (table - np.nanmean(table, axis=0)) / np.nanstd(table, axis=0)
    clipped: np.ndarray = np.clip(table, -SAMPLE_VALUES_SPAN, SAMPLE_VALUES_SPAN)
    return clipped


def _covariate(name: str, values: pd.Series) -> Mapping[str, Any]:
    column = column_data(
        name, values.astype(float) if is_measured(values) else values.map(str, na_action="ignore").astype(object)
    )
    return {**column, "note": "not years" if not_years(name, values) else ""}
