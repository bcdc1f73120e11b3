"""The state of every job, kept beside its log; the list of failed jobs; one run per folder of results."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from filelock import FileLock, Timeout

from pathfa._version import __version__
from pathfa.core.errors import ConfigError, InputError, PathFAError
from pathfa.core.files import write_text, writing
from pathfa.core.text import count
from pathfa.workflow.layout import Layout


@contextmanager
def recorded(path: Path | None, stage: str, names: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
    """Keep the state of a job in a file while the block runs: running, then done or failed.

    A job that was killed stays ``running``.

    Parameters
    ----------
    path
        The file; None keeps nothing.
    stage
        Name of the stage.
    names
        Cohort, collection and run of the job, as far as it has them.

    Yields
    ------
    dict
        What the job wants to add to its state, such as ``converged``.
    """
    state: dict[str, Any] = {
        "stage": stage,
        **(names or {}),
        "state": "running",
        "version": __version__,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    details: dict[str, Any] = {}
    begin = perf_counter()
    _keep(path, state)
    try:
        yield details
    except BaseException as error:
        _keep(path, {**state, "state": "failed", "seconds": round(perf_counter() - begin, 3), **_cause(error)})
        raise
    _keep(path, {**state, "state": "done", "seconds": round(perf_counter() - begin, 3), **details})


def _keep(path: Path | None, state: Mapping[str, Any]) -> None:
    if path is not None:
        write_text(path, json.dumps(state, indent=2) + "\n")


def _cause(error: BaseException) -> dict[str, Any]:
    findings = [finding.to_dict() for finding in error.findings] if isinstance(error, InputError) else []
    message, fix = str(error), "a bug in PathFA: report it with the end of the log"
    if isinstance(error, KeyboardInterrupt):
        message, fix = "stopped by the keyboard", "start the same command again"
    elif isinstance(error, PathFAError):
        fix = "correct what the message names, then start the same command again"
    return {"error": type(error).__name__, "message": message, "findings": findings, "fix": fix}


def made_of(path: Path) -> str:
    """Return the checksum of everything that a finished job depended on; empty for any other job."""
    if not path.is_file():
        return ""
    state = json.loads(path.read_text(encoding="utf-8"))
    return str(state.get("made_of", "")) if state["state"] == "done" else ""


def add_made_of(path: Path, checksum: str) -> None:
    """Add the checksum of everything that a finished job depended on to its state."""
    _keep(path, {**json.loads(path.read_text(encoding="utf-8")), "made_of": checksum})


def states(logs: Path) -> list[dict[str, Any]]:
    """Return the states of all jobs below a folder, each with ``log`` and ``status_file``."""
    found = []
    for path in sorted(logs.rglob("*.status.json")):
        state = json.loads(path.read_text(encoding="utf-8"))
        found.append({**state, "status_file": str(path), "log": str(path).replace(".status.json", ".log")})
    return found


def failures(logs: Path, since: datetime) -> list[dict[str, Any]]:
    """Return the states of the jobs that failed, or that ended without saying so.

    Parameters
    ----------
    logs
        Folder of the logs. No job may be running any more.
    since
        When the workflow started; older states are ignored.
    """
    broken = []
    for state in states(logs):
        if datetime.fromisoformat(state["started"]) < since.replace(microsecond=0):
            continue
        if state["state"] == "running":
            message = "the job ended without an error: killed by hand, or by the machine for too much memory or time"
            fix = "give it more memory or time under 'resources', then start the same command again"
            state = {**state, "state": "killed", "error": "Killed", "message": message, "fix": fix}
        if state["state"] != "done":
            broken.append(state)
    return broken


def write_failures(layout: Layout, since: datetime) -> None:
    """Write ``FAILED.md``: per failed job its stage, its names, the cause, the end of the log and the fix.

    Without a failed job the file of an earlier run is removed. See :func:`failures` for the parameters.
    """
    broken = failures(Path(layout.logs), since)
    if not broken:
        Path(layout.failed).unlink(missing_ok=True)
        return
    parts = [f"# {count(len(broken), 'failed job')}\n"]
    for state in broken:
        names = ", ".join(f"{key} `{state[key]}`" for key in ("cohort", "collection", "run") if key in state)
        parts.append(f"## {state['stage']}{f': {names}' if names else ''}\n")
        parts.append(f"{state['error']}: {state['message']}\n")
        parts.append(f"**Fix:** {state['fix']}\n")
        if Path(state["log"]).is_file():
            parts.append(f"End of `{state['log']}`:\n\n```\n{_tail(Path(state['log']))}\n```\n")
    write_text(Path(layout.failed), "\n".join(parts))


def _tail(path: Path, lines: int = 20) -> str:
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def take_lock(layout: Layout) -> FileLock:
    """Lock a folder of results until the lock is released or the process ends, however it ends.

    Parameters
    ----------
    layout
        The results.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If another run works in the folder.
    pathfa.core.errors.OutputError
        If the folder cannot be written.
    """
    holder = Path(f"{layout.lock}.json")
    who = {"host": socket.gethostname(), "pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")}
    lock = FileLock(layout.lock)
    try:
        with writing(Path(layout.output)):
            Path(layout.output).mkdir(parents=True, exist_ok=True)
            lock.acquire(blocking=False)
    except Timeout as error:
        other = json.loads(holder.read_text(encoding="utf-8"))
        msg = (
            f"{layout.output}: another run has worked here since {other['since']} "
            f"(process {other['pid']} on {other['host']}). Fix: wait for it, or set another 'output'"
        )
        raise ConfigError(msg) from error
    write_text(holder, json.dumps(who) + "\n")
    return lock
