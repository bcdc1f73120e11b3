"""What a command prints: results on stdout, the rest on stderr, progress among the rest."""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from pathfa.core.errors import PathFAWarning


def answer(result: Mapping[str, Any], *, as_json: bool, lines: Sequence[str]) -> None:
    """Print the result of a command.

    Parameters
    ----------
    result
        The result for machines.
    as_json
        Whether a machine reads it.
    lines
        The same for people.
    """
    sys.stdout.write(
        json.dumps(result, indent=2, default=str) + "\n" if as_json else "".join(f"{line}\n" for line in lines)
    )


def set_up_logging(level: int = logging.INFO) -> None:
    """Send the log of PathFA to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger = logging.getLogger("pathfa")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False


def set_up_warnings() -> None:
    """Show the warnings of PathFA on stderr as sentences; those of other libraries are not for its users."""
    warnings.simplefilter("ignore")
    warnings.simplefilter("always", PathFAWarning)
    warnings.showwarning = _show_warning
    sys.unraisablehook = _log_unraisable


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    sys.stderr.write(f"warning: {message}\n")


def _log_unraisable(trouble: sys.UnraisableHookArgs) -> None:
    # HDF5 raises while it is torn down after a full disk; the error itself was told before
    logging.getLogger("pathfa").debug("while tearing down: %r", trouble.exc_value)
