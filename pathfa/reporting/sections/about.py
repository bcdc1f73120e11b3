"""Sections on the report itself: what not to conclude, how it was made, and what its words mean."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd

from pathfa.core.text import count, inflect
from pathfa.estimator import PathFA
from pathfa.pl.wording import listed, percent
from pathfa.reporting.page.blocks import Block, Entry, Glossary, Pairs, Section, TableBlock, Text
from pathfa.reporting.study.study import Study
from pathfa.result.result import PathFAResult
from pathfa.result.summaries import model_choice, start_agreement

CITATION = (
    "Immer, A. et al. (2024). Probabilistic pathway-based multimodal factor analysis. Bioinformatics 40 (Suppl. 1), "
    "i189-i198. doi:10.1093/bioinformatics/btae216."
)
_TESTS = (
    "Associations were tested on posterior means, with the false discovery rate controlled per covariate (Benjamini "
    "and Hochberg 1995); effects are the observed ones, and the tables also hold them corrected for reliability. "
)
_INTERVALS = (
    "Intervals are 95 %: of loadings, weights, scores and activities posterior ones, of explained variance those of a "
    "bootstrap over the samples, of associations those of their tests."
)
_SIMULATED = "These data are simulated. Nothing here is about real patients or real biology."
_IDLE = ("n_jobs", "progress")  # what the result does not depend on


def limits_section(study: Study) -> Section:
    """Return what not to conclude."""
    text = Text((*((_SIMULATED,) if study.simulated else ()), *_lines("limits")), as_list=True)
    return Section("limits", "What not to conclude", "Before a result leaves this page, read these.", (text,))


def provenance_section(study: Study) -> Section:
    """Return how this was made."""
    provenance, settings = study.result.provenance, _settings(study.result.settings)
    plain = {key: value for key, value in provenance.items() if key != "command" and not isinstance(value, dict | list)}
    rows = [(key, str(value)) for key, value in plain.items()]
    if isinstance(provenance.get("seconds"), float | int):
        rows = [(key, f"{float(provenance['seconds']):.1f}" if key == "seconds" else value) for key, value in rows]
    source = study.result.settings.get("gene_sets", {})
    if isinstance(source, Mapping):
        rows += [(f"gene sets: {key}", str(value)) for key, value in source.items()]
    blocks: list[Block] = [
        Text((_methods(study),), title="Methods paragraph to paste", copyable=True),
        Text((CITATION,), title="Please cite", copyable=True),
        Pairs(tuple(rows), title="This run"),
    ]
    if study.command:
        blocks.insert(2, Text(tuple(study.command.splitlines()), title="The command that repeats it", copyable=True))
    inputs = pd.DataFrame(provenance.get("inputs") or [])
    if len(inputs):
        blocks.append(TableBlock("inputs", "Inputs", inputs, note="With their checksums."))
    blocks.append(TableBlock("settings", "Every setting", settings, note=_changed(settings)))
    packages = provenance.get("packages", {})
    if packages:
        table = pd.DataFrame({"package": list(packages), "version": list(packages.values())})
        blocks.append(TableBlock("packages", "Packages", table, note="Versions that were installed."))
    lead = f"PathFA {provenance.get('version', 'of unknown version')}, seed {provenance.get('seed', 'unknown')}."
    return Section("provenance", "How was this made?", lead, tuple(blocks))


def _changed(settings: pd.DataFrame) -> str:
    """Return which settings are not the defaults."""
    names = [str(name) for name in settings.loc[settings["changed"], "setting"]]
    if not names:
        return "As it was resolved; every setting that was asked for is the default."
    return f"As it was resolved. Not the default: {listed(names, 12)}."


def _settings(settings: Mapping[str, Any]) -> pd.DataFrame:
    given, defaults = settings.get("parameters", {}), PathFA().get_params()
    rows = []
    for key, value in settings.items():
        if key in ("parameters", "gene_sets"):
            continue
        asked, default = (json.dumps(known[key], default=str) if key in known else "" for known in (given, defaults))
        compared = key in given and key in defaults and key not in _IDLE
        changed = compared and _plain(given[key]) != _plain(defaults[key])
        rows.append((key, json.dumps(value, default=str), asked, default, changed))
    table = pd.DataFrame(rows, columns=["setting", "value", "asked for", "default", "changed"])
    return table.sort_values("changed", ascending=False, kind="stable").reset_index(drop=True)


def _plain(value: Any) -> str:
    """Return a value as text in which an empty mapping or list is the same as none."""
    return json.dumps(value or None if not isinstance(value, bool | int | float) else value, default=str)


def _methods(study: Study) -> str:
    """Return a methods paragraph made from what was done."""
    result, settings, provenance = study.result, study.result.settings, study.result.provenance
    shapes = [f"{view} ({count(len(table), 'feature')})" for view, table in result.loadings.items()]
    presence = result.presence.astype(bool)
    total = result.variance_explained.loc["total"].to_dict()
    shares = [f"{percent(total[view])} of {view}" for view in result.view_names]
    asked = settings.get("parameters", {}).get("n_factors", settings.get("n_factors"))
    size = len(result.factor_names)
    chosen = "chosen by the Laplace evidence" if asked == "auto" else "given"
    packages = provenance.get("packages", {})
    tools = listed([f"{name} {packages[name]}" for name in ("torch", "numpy", "scipy") if name in packages])
    source = settings.get("gene_sets", {}).get("source", "")
    together = int(presence.all(axis=1).sum())
    weights = "not negative" if settings["sign"] == "nonnegative" else "of any sign"
    level = "around a level of its own for each factor and view, " if settings["loading_prior"] == "soft" else ""
    least = settings.get("min_set_size", 5)
    sentences = [
        f"{listed(shapes, 9)} of {count(len(presence), 'sample')} ",
        f"({together} measured in every view) were analysed together " if len(shapes) > 1 else "was analysed ",
        f"with PathFA {provenance.get('version', '')} (Immer et al. 2024), ",
        "a Bayesian factor model whose loadings have gene sets in their prior. ",
        f"Features were scaled with the option “{settings.get('scale', 'zscore')}”; ",
        "missing values were left out of the likelihood. ",
        count(len(result.gene_sets), "gene set"),
        f" ({Path(source).name})" if source and source != "None" else "",
        f" with at least {least} measured members {inflect(len(result.gene_sets), 'were')} used. ",
        f"The number of factors (K = {size}) was {chosen}; the loading prior was “{settings['loading_prior']}” ",
        f"{level}and gene-set weights were {weights}. ",
        f"{_starts(result)}; it {'met' if result.converged else 'did not meet'} its convergence criterion ",
        f"after {count(result.n_iter, 'iteration')}. ",
        f"The factors explain {listed(shares, 9)} variance. ",
        f"The checks of the fit ended with the verdict {study.level}. ",
        _TESTS if study.factor_tests is not None else "",
        f"{_INTERVALS} Seed {provenance.get('seed', 'unknown')}",
        f"; {tools}." if tools else ".",
    ]
    return ("The data were simulated. " if study.simulated else "") + "".join(sentences)


def _starts(result: PathFAResult) -> str:
    """Return from how many starts the fit was taken, and how, without a full stop."""
    others, gap = start_agreement(result)[1], model_choice(result).start_gap
    if not others:
        return "One start ran to its end"
    kept = "the one with the highest log evidence"
    if gap > 0:
        kept = "of those with nearly the highest log evidence the one whose loadings follow the gene sets most"
    return f"Of {count(others + 1, 'start')}, {kept} was kept"


def glossary_section() -> Section:
    """Return what the words of the page mean."""
    entries = []
    for line in _lines("glossary"):
        term, meaning = line.split(": ", 1)
        name, words = term.split(" | ")
        entries.append(Entry(name=name, words=words, meaning=meaning))
    return Section("glossary", "Glossary", "Underlined words show this where they stand.", (Glossary(tuple(entries)),))


def _lines(name: str) -> tuple[str, ...]:
    """Return the paragraphs of a text of the page, a line each."""
    text = files("pathfa.reporting.sections").joinpath("texts", f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line)
