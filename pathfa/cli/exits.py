"""How a command ends: exit codes, and errors told without a traceback."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from enum import IntEnum
from pathlib import Path

from pathfa._version import __version__
from pathfa.core.errors import ConfigError, InputError, MissingInputError, NotFittedError, OutputError, PathFAError

_LONGEST = 20  # findings shown


class Exit(IntEnum):
    """Exit codes, as in ``sysexits.h`` where it has one."""

    DONE = 0
    USAGE = 2
    BAD_DATA = 65
    MISSING_INPUT = 66
    BUG = 70
    BAD_CONFIGURATION = 78
    INTERRUPTED = 130


_CODES: tuple[tuple[type[PathFAError], Exit], ...] = (
    (MissingInputError, Exit.MISSING_INPUT),
    (ConfigError, Exit.BAD_CONFIGURATION),
    (OutputError, Exit.BAD_CONFIGURATION),
    (NotFittedError, Exit.BUG),
    (PathFAError, Exit.BAD_DATA),
)


def exit_code(error: BaseException) -> Exit:
    """Return the exit code that belongs to an error."""
    if isinstance(error, KeyboardInterrupt):
        return Exit.INTERRUPTED
    return next((code for kind, code in _CODES if isinstance(error, kind)), Exit.BUG)


def tell(error: BaseException, *, as_json: bool) -> Exit:
    """Say what went wrong, on stderr or as JSON on stdout, and return the exit code.

    The traceback of a bug goes to a file, for the report of the bug; with ``PATHFA_TRACEBACK=1`` it is shown.
    """
    code = exit_code(error)
    findings = error.findings if isinstance(error, InputError) else ()
    if code is Exit.INTERRUPTED:
        message = "stopped by the keyboard; nothing half-written was left"
    elif code is Exit.BUG:
        message = f"{type(error).__name__}: {error}"
    elif len(findings) > _LONGEST:
        message = "\n".join(str(finding) for finding in findings[:_LONGEST])
        message += f"\n... and {len(findings) - _LONGEST} more (all of them with --json)"
    else:
        message = str(error)
    if as_json:
        answer = {
            "error": type(error).__name__,
            "exit_code": int(code),
            "message": str(error),
            "findings": [finding.to_dict() for finding in findings],
        }
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    if code is Exit.BUG:
        message += f"\nThis is a bug in PathFA {__version__}, not in your data."
        message += f"\nPlease report it with the file {_keep_traceback(error)}"
    if os.environ.get("PATHFA_TRACEBACK"):
        traceback.print_exception(error)
    sys.stderr.write("".join(f"error: {line}\n" if line[:1].strip() else f"{line}\n" for line in message.splitlines()))
    return code


def _keep_traceback(error: BaseException) -> Path:
    with tempfile.NamedTemporaryFile("w", prefix="pathfa-bug-", suffix=".txt", delete=False) as file:
        file.write(f"PathFA {__version__}, Python {sys.version}\n")
        file.write("".join(traceback.format_exception(error)))
    return Path(file.name)
