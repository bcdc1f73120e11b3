# One run per folder; what failed is told in one place.
import sys
from datetime import UTC, datetime

from pathfa.workflow.index import write_index
from pathfa.workflow.lock import take_lock
from pathfa.workflow.status import failures, write_failed

HELD = {}


onstart:
    HELD["lock"] = take_lock(LAYOUT)
    HELD["since"] = datetime.now(UTC)


onsuccess:
    Path(LAYOUT.failed).unlink(missing_ok=True)


onerror:
    broken = failures(Path(LAYOUT.logs), since=HELD["since"])
    write_failed(Path(LAYOUT.failed), broken)
    write_index(
        Path(LAYOUT.output), Path(LAYOUT.index), CONFIG.title, tuple(CONFIG.runs)
    )
    sys.stderr.write(f"What failed, and what to do: {LAYOUT.failed}\n")
