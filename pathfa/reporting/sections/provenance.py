"""How this was made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from pathfa.estimator import PathFA
from pathfa.pl.wording import listed
from pathfa.reporting.page.page import Block, Pairs, Section, Table, Text
from pathfa.reporting.prose.methods import CITATION, methods
from pathfa.reporting.study.study import Study


def build(study: Study) -> Section:
    """Return the section."""
    provenance, settings = study.result.provenance, _settings(study.result.settings)
    plain = {key: value for key, value in provenance.items() if key != "command" and not isinstance(value, dict | list)}
    rows = [(key, str(value)) for key, value in plain.items()]
    if isinstance(provenance.get("seconds"), float | int):
        rows = [(key, f"{float(provenance['seconds']):.1f}" if key == "seconds" else value) for key, value in rows]
    source = study.result.settings.get("gene_sets", {})
    if isinstance(source, Mapping):
        rows += [(f"gene sets: {key}", str(value)) for key, value in source.items()]
    blocks: list[Block] = [
        Text(paragraphs=(methods(study),), title="Methods paragraph to paste", copyable=True),
        Text(paragraphs=(CITATION,), title="Please cite", copyable=True),
        Pairs(rows=tuple(rows), title="This run"),
    ]
    if study.command:
        blocks.insert(
            2, Text(paragraphs=tuple(study.command.splitlines()), title="The command that repeats it", copyable=True)
        )
    inputs = provenance.get("inputs")
    if inputs:
        blocks.append(Table(name="inputs", title="Inputs", table=pd.DataFrame(inputs), note="With their checksums."))
    blocks.append(Table(name="settings", title="Every setting", table=settings, note=_changed(settings)))
    packages = provenance.get("packages", {})
    if packages:
        table = pd.DataFrame({"package": list(packages), "version": list(packages.values())})
        blocks.append(Table(name="packages", title="Packages", table=table, note="Versions that were installed."))
    return Section(
        anchor="provenance",
        title="How was this made?",
        lead=f"PathFA {provenance.get('version', 'of unknown version')}, seed {provenance.get('seed', 'unknown')}.",
        blocks=tuple(blocks),
    )


_IDLE = ("n_jobs", "progress")  # what the result does not depend on


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
        asked = given.get(key)
        rows.append(
            {
                "setting": key,
                "value": json.dumps(value, default=str),
                "asked for": json.dumps(asked, default=str) if key in given else "",
                "default": json.dumps(defaults[key], default=str) if key in defaults else "",
                "changed": key in given
                and key in defaults
                and key not in _IDLE
                and _plain(asked) != _plain(defaults[key]),
            }
        )
    table = pd.DataFrame(rows, columns=["setting", "value", "asked for", "default", "changed"])
    return table.sort_values("changed", ascending=False, kind="stable").reset_index(drop=True)


def _plain(value: Any) -> str:
    """Return a value as text in which an empty mapping or list is the same as none."""
    return json.dumps(value or None if not isinstance(value, bool | int | float) else value, default=str)
