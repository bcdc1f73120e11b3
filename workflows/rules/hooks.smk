# One run per folder; failed jobs are listed in one file.
import os
import sys
from datetime import UTC, datetime

from pathfa.workflow.index import write_index
from pathfa.workflow.status import take_lock, write_failures

HELD = {}


onstart:
    HELD["lock"] = take_lock(PLAN.paths)
    HELD["since"] = datetime.now(UTC)


onsuccess:
    Path(PLAN.paths.failed).unlink(missing_ok=True)


onerror:
    write_failures(PLAN.paths, HELD["since"])
    write_index(
        Path(PLAN.paths.output),
        Path(PLAN.paths.index),
        PLAN.config.title,
        tuple(PLAN.config.runs),
    )
    # older than what it lists, so that the next run makes what is missing; for Snakemake, 0 is no time
    os.utime(PLAN.paths.index, (1, 1))
    sys.stderr.write(f"What failed, and what to do: {PLAN.paths.failed}\n")
