# One run per folder; what failed is told in one place.
import sys
from datetime import UTC, datetime

from pathfa.workflow.index import write_index
from pathfa.workflow.status import failures, take_lock, write_failed

HELD = {}


onstart:
    HELD["lock"] = take_lock(PLAN.paths)
    HELD["since"] = datetime.now(UTC)


onsuccess:
    Path(PLAN.paths.failed).unlink(missing_ok=True)


onerror:
    broken = failures(Path(PLAN.paths.logs), since=HELD["since"])
    write_failed(Path(PLAN.paths.failed), broken)
    write_index(
        Path(PLAN.paths.output),
        Path(PLAN.paths.index),
        PLAN.config.title,
        tuple(PLAN.config.runs),
    )
    sys.stderr.write(f"What failed, and what to do: {PLAN.paths.failed}\n")
