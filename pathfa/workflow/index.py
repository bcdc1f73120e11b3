"""What the index page says: a line for every fit that was asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from pathfa.core.files import writing
from pathfa.workflow.gate import Verdict, read_verdicts
from pathfa.workflow.layout import Layout
from pathfa.workflow.status import states

Names = tuple[str, str, str]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the index page.

    Attributes
    ----------
    cohort, collection, run
        Names; no run where the cohort was skipped.
    state
        ``"done"``, ``"skipped"``, ``"failed"`` or ``"missing"``.
    link
        The report, relative to the index page; empty when there is none.
    reason, fix
        Why there is no report, and what to do.
    status
        What the report says of itself: its verdict with the reasons, and key figures.
    """

    cohort: str
    collection: str
    run: str = ""
    state: str
    link: str = ""
    reason: str = ""
    fix: str = ""
    status: dict[str, Any] = field(default_factory=dict)


def collect(layout: Layout, runs: Sequence[str] = ()) -> list[Entry]:
    """Return the lines of the index page of a folder of results.

    Parameters
    ----------
    layout
        The results.
    runs
        The runs that are listed; all that left a state when empty.
    """
    known = states(Path(layout.logs))
    reported = {_names(state): state["started"] for state in known if (state["stage"], state["state"]) == _REPORTED}
    troubles = {
        _names(state): state
        for state in known
        if state["state"] != "done"
        and state["stage"] in _OF_A_FIT
        and state["started"] > reported.get(_names(state), "")  # else of a job that is not wanted any more
    }
    wanted = list(runs) or sorted({state["run"] for state in known if "run" in state})
    entries = [_lost(state) for names, state in troubles.items() if state["stage"] == "gene_sets"]
    verdicts = read_verdicts(Path(layout.gate)) if Path(layout.gate).is_file() else []
    for verdict in verdicts:
        if verdict.decision == "skip":
            entries.append(_skipped(verdict))
        else:
            entries += [_fitted(layout, verdict, run, troubles) for run in wanted]
    return entries


def write_index(folder: Path, page: Path, title: str, runs: Sequence[str] = ()) -> dict[str, int]:
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

    Returns
    -------
    dict
        How many fits are done, skipped, failed or missing.
    """
    from pathfa.reporting import write_index as write_page

    entries = collect(Layout(str(folder)), runs)
    with writing(page):
        write_page([asdict(entry) for entry in entries], page, title=title)
    return dict(Counter(entry.state for entry in entries))


_REPORTED = ("report", "done")
_OF_A_FIT = ("gene_sets", "ingest", "fit", "check", "tables", "report")


def _names(state: dict[str, Any]) -> Names:
    return (state.get("cohort", ""), state.get("collection", ""), state.get("run", ""))


def _skipped(verdict: Verdict) -> Entry:
    return Entry(
        cohort=verdict.cohort,
        collection=verdict.collection,
        state="skipped",
        reason=verdict.reason,
        fix=verdict.fix,
    )


def _lost(state: dict[str, Any]) -> Entry:
    """Return the line of a collection that could not be read, so that nothing is fitted with it."""
    reason, fix = _trouble(state)
    return Entry(cohort="every cohort", collection=state["collection"], state="failed", reason=reason, fix=fix)


def _trouble(state: dict[str, Any]) -> tuple[str, str]:
    reason = f"{state['stage']}: {state.get('message', 'the job was killed, or still runs')}"
    return reason, state.get("fix", _AGAIN)


def _fitted(layout: Layout, verdict: Verdict, run: str, troubles: dict[Names, dict[str, Any]]) -> Entry:
    names = (verdict.cohort, verdict.collection, run)
    entry = Entry(cohort=names[0], collection=names[1], run=run, state="missing", reason="not fitted yet", fix=_AGAIN)
    for place in (names, (verdict.cohort, "", ""), ("", verdict.collection, "")):
        if place in troubles:
            reason, fix = _trouble(troubles[place])
            return replace(entry, state="failed", reason=reason, fix=fix)
    report = Path(layout.report(*names))
    if not report.is_file():
        return entry
    status = json.loads((Path(layout.report_files(*names)) / "status.json").read_text(encoding="utf-8"))
    link = str(report.relative_to(layout.output))
    return replace(entry, state="done", reason="", fix="", link=link, status=status)


_AGAIN = "start the same command again"
