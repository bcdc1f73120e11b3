"""The data that a page carries for its scripts: numbers in few bytes, names once."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pathfa.core.columns import holds_numbers
from pathfa.pl.colours import DIVERGING, OKABE_ITO
from pathfa.pl.render_plotly import draw
from pathfa.reporting.page.blocks import Section
from pathfa.reporting.page.links import set_page
from pathfa.reporting.page.tables import column_data, spelled, table_data
from pathfa.reporting.study.study import Study
from pathfa.result.labels import factor_id, readable
from pathfa.result.result import PathFAResult
from pathfa.result.sources import OWN
from pathfa.result.summaries import LIKELY, SIGNIFICANT, SURE, outliers

MOST_ACTIVITIES = 400_000
"""Intervals of activities travel with the page up to this many values; beyond, ``model.interval`` gives them."""
MOST_VALUES = 4_000_000
"""Fitted values of members travel with the page up to this many."""
MOST_LOADINGS = 1_000_000
"""Loadings of every feature travel with the page up to this many; beyond, those of members and the strongest others."""
OUTSIDERS = 25
"""Features outside every gene set that are kept per factor and view."""
_LEVEL = 0.95
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
            "palette": {"colours": OKABE_ITO, "diverging": [[stop, colour] for stop, colour in DIVERGING]},
            "first_pair": _first_pair(study),
            "first_sample": str(outliers(result).index[0]),
            "factor": [{"id": name, "label": factor_id(name)} for name in result.factor_names],
            "gene_set": [_gene_set(name) for name in result.gene_set_names],
            "gene": names,
            "sample": result.sample_names,
        },
        "figures": {figure.name: draw(figure) for figure in figures},
        "tables": {
            name: table_data(table, f"{folder}/{name}.tsv", filters.get(name, ())) for name, table in tables.items()
        },
    }


def _gene_set(name: str) -> dict[str, Any]:
    """Return a gene set as it is named, with its page in a database where its name says which."""
    return {"id": name, "label": readable(name), "page": set_page(name)}


def _first_pair(study: Study) -> dict[str, str] | None:
    """Return the factor and the covariate with the strongest association."""
    if study.factor_tests is None or study.factor_tests["p"].isna().all():
        return None
    tests = study.factor_tests.assign(last=study.factor_tests["covariate"].isin(study.derived))
    row = tests.sort_values(["last", "p"], kind="stable").iloc[0]
    return {"factor": str(row["feature"]), "covariate": str(row["covariate"])}


def _atlas(study: Study, kept: Mapping[str, list[str]], names: Sequence[str]) -> dict[str, Any]:
    """Return the data of cards and sample pages, for the features kept of each view and the names of all genes.

    Quantised arrays hold whole numbers of 8 or 16 bits and a scale per column; they are exact to one part in 250
    or 65,000 of the largest value of the column. Downloads come from the tables, which are not quantised.
    """
    result = study.result
    shown = {view: index[: _valued(result, view)] for view, index in kept.items()}
    place = {name: index for index, name in enumerate(names)}
    with_intervals = result.activity.size <= MOST_ACTIVITIES
    size = sum(map(len, shown.values())) * len(result.scores)
    with_values = bool(result.data) and size <= MOST_VALUES
    return {
        "members": [[place[gene] for gene in result.gene_sets[name]] for name in result.gene_set_names],
        "takes_part": _taking_part(result),
        "scores": _quantised(result.scores.to_numpy()),
        "activity": _quantised(result.activity.to_numpy()),
        "sources": _sources(result),
        "weights": _quantised(result.gene_set_weights.to_numpy()),
        "probability": _quantised(result.gene_set_probability.to_numpy()),
        "intervals": _intervals(result) if with_intervals else None,
        "views": [
            {
                "name": view,
                "genes": [place[name] for name in kept[view]],
                "complete": len(kept[view]) == len(result.loadings[view]),
                "loadings": _quantised(result.loadings[view].loc[kept[view]].to_numpy()),
                "sd": _quantised(result.loadings_sd[view].loc[kept[view]].to_numpy()),
                "present": [int(seen) for seen in result.presence[view]],
                "r2": [float(f"{value:.4g}") for value in result.variance_explained[view].to_numpy()[:-1]],
                "values": _quantised(_values(result, view, shown[view]), bits=8) if with_values else None,
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


def _quantised(values: np.ndarray, bits: int = 16) -> dict[str, Any]:
    """Return a table as base64 of whole numbers, row by row, with a scale per column; NaN is the smallest number.

    Parameters
    ----------
    values
        N x P.
    bits
        8 or 16.
    """
    top = 2 ** (bits - 1) - 1
    with np.errstate(invalid="ignore"):
        reach = np.nanmax(np.abs(values), axis=0, initial=0.0)
    scale = np.where(reach > 0, reach, 1.0) / top
    whole = np.where(np.isfinite(values), np.round(values / scale), -top - 1).astype(f"<i{bits // 8}")
    return {
        "bits": bits,
        "columns": int(values.shape[1]),
        "scale": [float(f"{item:.6g}") for item in scale],
        "bytes": base64.b64encode(whole.tobytes()).decode(),
    }


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


def _intervals(result: PathFAResult) -> dict[str, Any]:
    """Return the intervals of the activities."""
    lower, upper = (_quantised(table.to_numpy()) for table in result.interval("activity", _LEVEL))
    return {"lower": lower, "upper": upper}


def _covariate(name: str, values: pd.Series) -> Mapping[str, Any]:
    number = holds_numbers(values) and values.nunique() > 2
    return column_data(name, values.astype(float) if number else values.map(str, na_action="ignore").astype(object))
