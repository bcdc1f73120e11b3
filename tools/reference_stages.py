"""The stages of the workflow with what they read and write, and every file that it leaves."""

from __future__ import annotations

import inspect

from reference_tables import cell, table

from pathfa.workflow.config import parse_config
from pathfa.workflow.job import Job
from pathfa.workflow.layout import Layout
from pathfa.workflow.plan import Plan
from pathfa.workflow.stages import COHORT, STAGES

_NAMES = {"cohort": "COHORT", "collection": "COLLECTION", "run": "RUN", "seed": "0"}
_CONFIG = {
    "output": "results",
    "cohorts": {"COHORT": {"views": {"rna": "rna.tsv"}, "covariates": "patients.tsv"}},
    "gene_sets": {"COLLECTION": "sets.gmt"},
    "runs": {"RUN": {}},
    "checks": ["heldout"],
}


class _Passed(Plan):
    """A plan of which everything passed the gate."""

    def fitted(self, cohort: str) -> tuple[str, ...]:
        """Return all collections of a cohort."""
        return self.collections(cohort)


def _stages() -> str:
    plan = _Passed(parse_config(_CONFIG))
    rows = []
    for stage in (*STAGES, COHORT):
        job = Job(stage, plan, *(_NAMES[name] for name in stage.names))
        once = f"one per {', '.join(stage.names)}" if stage.names else "one"
        files = ("<br>".join(f"`{path}`" for path in paths) for paths in (stage.inputs(job), stage.outputs(job)))
        rows.append([f"`{stage.name}`", f"`pathfa {stage.command or stage.name}`", once, *files])
    return table(["stage", "command", "jobs", "reads", "writes"], rows)


def _layout() -> str:
    layout, rows = Layout("results"), []
    for name, value in vars(Layout).items():
        if name.startswith("_") or not inspect.getdoc(value):
            continue
        if isinstance(value, property):
            path = getattr(layout, name)
        else:
            words = list(inspect.signature(value).parameters)[1:]
            given = [word.upper() for word in words if word != "names"]
            path = getattr(layout, name)(*given, *(["COHORT", "COLLECTION", "RUN"] if "names" in words else []))
        about = str(inspect.getdoc(value)).removeprefix("Return ").rstrip(".")
        rows.append([f"`{path}`", cell(about[0].upper() + about[1:])])
    return table(["file", "what it holds"], rows)


def made() -> str:
    """Return both tables with their headings."""
    return f"## Files\n\n{_layout()}\n## Stages\n\n{_stages()}"
