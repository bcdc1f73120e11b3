"""One run per folder of results."""

from __future__ import annotations

import json
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from pathfa.core.errors import ConfigError
from pathfa.core.files import write_text, writing
from pathfa.workflow.layout import Layout


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
