"""The index page: a line for every fit in the configuration."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pathfa.core.errors import MissingInputError
from pathfa.core.files import writing
from pathfa.workflow.gate import read_decisions
from pathfa.workflow.layout import Layout
from pathfa.workflow.stages import STAGES_OF_A_FIT
from pathfa.workflow.status import states

Names = tuple[str, str, str]

_AGAIN = "start the same command again"


def collect(layout: Layout, runs: Sequence[str] = (), titles: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """Return the lines of an index page of a folder of results, see :func:`pathfa.reporting.write_index_page`.

    Parameters
    ----------
    layout
        The results.
    runs
        The runs that are listed; all that left a state when empty.
    titles
        Titles of cohorts by name; others are called as their reports, or by their names.
    """
    titles = titles or {}
    known = states(Path(layout.logs))
    reported = {_names(each): each["started"] for each in known if (each["stage"], each["state"]) == ("report", "done")}
    troubles = {
        _names(state): state
        for state in known
        if state["state"] != "done"
        and state["stage"] in _LISTED
        and state["started"] > reported.get(_names(state), "")  # else of a job that is not wanted any more
    }
    entries = [
        # a collection that could not be read, so that nothing is fitted with it
        {"cohort": "every cohort", "collection": state["collection"], **_trouble(state)}
        for state in troubles.values()
        if state["stage"] == "gene_sets"
    ]
    wanted = list(runs) or sorted({state["run"] for state in known if "run" in state})
    decisions = read_decisions(Path(layout.gate)) if Path(layout.gate).is_file() else []
    for decision in decisions:
        title = {"title": titles[decision.cohort]} if decision.cohort in titles else {}
        fit = {"cohort": decision.cohort, **title, "collection": decision.collection}
        if decision.decision == "skip":
            entries.append({**fit, "state": "skipped", "reason": decision.reason, "fix": decision.fix})
        else:
            entries += [_fitted(layout, {**fit, "run": run}, troubles) for run in wanted]
    return entries


def write_index(
    folder: Path, page: Path, title: str, runs: Sequence[str] = (), titles: Mapping[str, str] | None = None
) -> dict[str, int]:
    """Write the index page of a folder of results.

    Parameters
    ----------
    folder
        The results.
    page
        File to write.
    title
        Heading.
    runs
        The runs that are listed; all when empty.
    titles
        Titles of cohorts by name.

    Returns
    -------
    dict
        How many fits are done, skipped, failed or missing.

    Raises
    ------
    pathfa.core.errors.MissingInputError
        If no workflow wrote into the folder.
    """
    from pathfa.reporting import write_index_page

    layout = Layout(str(folder))
    entries = collect(layout, runs, titles)
    if not entries and not Path(layout.gate).is_file():
        fix = "name the folder under 'output' of a configuration, 'results' by default"
        raise MissingInputError.of("no-results", f"{folder} has no results", "what 'pathfa run' wrote", fix)
    with writing(page):
        write_index_page(entries, page, title=title)
    return dict(Counter(entry["state"] for entry in entries))


_LISTED = ("gene_sets", *(stage.name for stage in STAGES_OF_A_FIT))


def _names(state: Mapping[str, Any]) -> Names:
    return (state.get("cohort", ""), state.get("collection", ""), state.get("run", ""))


def _trouble(state: dict[str, Any]) -> dict[str, Any]:
    reason = f"{state['stage']}: {state.get('message', 'the job was killed, or still runs')}"
    return {"state": "failed", "reason": reason, "fix": state.get("fix", _AGAIN)}


def _fitted(layout: Layout, fit: dict[str, str], troubles: dict[Names, dict[str, Any]]) -> dict[str, Any]:
    """Return the line of a fit that passed the gate."""
    names = _names(fit)
    cohort, collection, _ = names
    for job in (names, (cohort, "", ""), ("", collection, "")):
        if job in troubles:
            return {**fit, **_trouble(troubles[job])}
    report = Path(layout.report(*names))
    if not report.is_file():
        return {**fit, "state": "missing", "reason": "not fitted yet", "fix": _AGAIN}
    files = Path(layout.report_files(*names))
    status = json.loads((files / "status.json").read_text(encoding="utf-8"))
    link = str(report.relative_to(layout.output))
    return {**fit, "state": "done", "link": link, "files": str(files), "status": status}
