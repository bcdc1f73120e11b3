"""What a command prints and how it ends: results on stdout, the rest on stderr; exit codes instead of tracebacks."""

from __future__ import annotations

import inspect
import json
import logging
import os
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from pathfa._version import __version__
from pathfa.cli.colours import LogLine, painted
from pathfa.cli.command import HelpPanel
from pathfa.core import errors
from pathfa.workflow.stages import STAGE

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


_CODES: tuple[tuple[type[errors.PathFAError], Exit], ...] = (
    (errors.MissingInputError, Exit.MISSING_INPUT),
    (errors.ConfigError, Exit.BAD_CONFIGURATION),
    (errors.OutputError, Exit.BAD_CONFIGURATION),
    (errors.PathFAError, Exit.BAD_DATA),
)

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.", rich_help_panel=HelpPanel.OUTPUT)]
_StatusFile = Annotated[Path | None, typer.Option("--status", hidden=True)]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The result of a command.

    Attributes
    ----------
    result
        For machines.
    lines
        The same for people.
    state
        What the state of a job of the workflow keeps of it.
    code
        How the command ends.
    """

    result: Mapping[str, Any]
    lines: Sequence[str]
    state: Mapping[str, Any] = field(default_factory=dict)
    code: Exit = Exit.DONE

    def give(self, *, as_json: bool) -> None:
        """Print it, and end with the code if that is not 0."""
        lines = [json.dumps(self.result, indent=2, default=str)] if as_json else self.lines
        sys.stdout.write("".join(f"{painted(line, sys.stdout)}\n" for line in lines))
        if self.code is not Exit.DONE:
            raise typer.Exit(self.code)


def job(stage: str) -> Callable[[Callable[..., Answer]], Callable[..., None]]:
    """Make a command of a function: it keeps the state of a job of the workflow and prints the answer.

    It takes the options of the function, ``--json`` and, for the workflow, ``--status`` and the names of the job.

    Parameters
    ----------
    stage
        A stage of :data:`pathfa.workflow.stages.STAGES`.
    """

    def command_of(function: Callable[..., Answer]) -> Callable[..., None]:
        own = inspect.signature(function, eval_str=True).parameters
        more: dict[str, tuple[Any, Any]] = {
            name: (Annotated[str, typer.Option(f"--{name}", hidden=True)], "") for name in STAGE[stage].names
        }
        more |= {"status": (_StatusFile, None), "as_json": (AsJson, False)}
        added = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
            for name, (annotation, default) in more.items()
            if name not in own
        ]

        @wraps(function)
        def command(*, status: Path | None, as_json: bool, **given: Any) -> None:
            from pathfa.workflow.status import recorded

            names = {name: str(given[name]) for name in STAGE[stage].names if given[name] != ""}
            there = there_before(given.get("out")) if status is None else []  # a workflow replaces its own files
            with recorded(status, stage, names) as details:
                answer = function(**{name: value for name, value in given.items() if name in own})
                details.update(answer.state)
            replace(answer, lines=[*there, *answer.lines]).give(as_json=as_json)

        parameters = [*own.values(), *added]
        command.__dict__["__signature__"] = inspect.Signature(parameters)
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return command

    return command_of


def there_before(out: Path | None) -> list[str]:
    """Return what a command says of a file, or of a folder with files, that it is about to replace."""
    if out is None or not out.exists() or (out.is_dir() and not any(out.iterdir())):
        return []
    written = datetime.fromtimestamp(out.stat().st_mtime).astimezone().strftime("%Y-%m-%d %H:%M")
    what = "files of the same names in the folder" if out.is_dir() else "the file"
    return [f"replaced {what} {out} of {written}"]


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
    findings = error.findings if isinstance(error, errors.InputError) else ()
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
    lines = (f"error: {line}" if line[:1].strip() else line for line in message.splitlines())
    sys.stderr.write("".join(f"{painted(line, sys.stderr)}\n" for line in lines))
    return code


def _keep_traceback(error: BaseException) -> Path:
    with tempfile.NamedTemporaryFile("w", prefix="pathfa-bug-", suffix=".txt", delete=False) as file:
        file.write(f"PathFA {__version__}, Python {sys.version}\n")
        file.write("".join(traceback.format_exception(error)))
    return Path(file.name)


def set_up_logging(level: int = logging.INFO) -> None:
    """Send the log of PathFA to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LogLine(sys.stderr))
    logger = logging.getLogger("pathfa")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def set_up_warnings() -> None:
    """Show the warnings of PathFA on stderr as sentences; those of other libraries are not for its users."""
    warnings.simplefilter("ignore")
    warnings.simplefilter("always", errors.PathFAWarning)
    warnings.showwarning = _show_warning
    sys.unraisablehook = _log_unraisable


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    sys.stderr.write(painted(f"warning: {message}", sys.stderr) + "\n")


def _log_unraisable(trouble: sys.UnraisableHookArgs) -> None:
    # HDF5 raises while it is torn down after a full disk; the error itself was reported before
    logging.getLogger("pathfa").debug("while tearing down: %r", trouble.exc_value)
