"""What the index page says: a line for every fit that was asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathfa.files import whole
from pathfa.pipeline.gate import Verdict, read_verdicts
from pathfa.pipeline.layout import Layout
from pathfa.pipeline.status import states


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
    details
        What the fit said of itself: converged, n_factors, log_evidence, seconds; ``verdict`` of the report.
    """

    cohort: str
    collection: str
    run: str = ""
    state: str
    link: str = ""
    reason: str = ""
    fix: str = ""
    details: dict[str, Any]


def collect(layout: Layout, runs: Sequence[str] = ()) -> list[Entry]:
    """Return the lines of the index page of a folder of results.

    Parameters
    ----------
    layout
        The results.
    runs
        The runs that are listed; all that left a state when empty.
    """
    jobs = {_names(state): state for state in states(Path(layout.logs)) if "run" in state and state["stage"] == "fit"}
    troubles = {_names(state): state for state in states(Path(layout.logs)) if state["state"] != "done"}
    wanted = list(runs) or sorted({names[2] for names in jobs})
    entries = []
    verdicts = read_verdicts(Path(layout.gate)) if Path(layout.gate).is_file() else []
    for verdict in verdicts:
        if verdict.decision == "skip":
            entries.append(_skipped(verdict))
        else:
            entries += [_fitted(layout, verdict, run, jobs, troubles) for run in wanted]
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
    from pathfa.report import index

    entries = collect(Layout(str(folder)), runs)
    with whole(page) as part:
        index(entries, part, title=title)
    return dict(Counter(entry.state for entry in entries))


def _names(state: dict[str, Any]) -> tuple[str, str, str]:
    return (state.get("cohort", ""), state.get("collection", ""), state.get("run", ""))


def _skipped(verdict: Verdict) -> Entry:
    return Entry(
        cohort=verdict.cohort,
        collection=verdict.collection,
        state="skipped",
        reason=verdict.reason,
        fix=verdict.fix,
        details={},
    )


def _fitted(
    layout: Layout,
    verdict: Verdict,
    run: str,
    jobs: dict[tuple[str, str, str], dict[str, Any]],
    troubles: dict[tuple[str, str, str], dict[str, Any]],
) -> Entry:
    names = (verdict.cohort, verdict.collection, run)
    report = Path(layout.report(*names))
    trouble = (
        troubles.get(names) or troubles.get((verdict.cohort, "", "")) or troubles.get(("", verdict.collection, ""))
    )
    if trouble is not None:
        return Entry(
            cohort=names[0],
            collection=names[1],
            run=run,
            state="failed",
            reason=trouble.get("message", "the job was killed"),
            fix=trouble.get("fix", "start the same command again"),
            details=jobs.get(names, {}),
        )
    done = report.is_file()
    return Entry(
        cohort=names[0],
        collection=names[1],
        run=run,
        state="done" if done else "missing",
        link=str(report.relative_to(layout.output)) if done else "",
        reason="" if done else "not fitted yet",
        fix="" if done else "start the same command again",
        details={**jobs.get(names, {}), **_verdict(report)},
    )


def _verdict(report: Path) -> dict[str, Any]:
    path = report.with_name("status.json")
    if not path.is_file():
        return {}
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found
