# The configuration, and how the table of stages becomes rules.
from pathlib import Path
from shlex import join

from pathfa.core.errors import PathFAError
from pathfa.core.text import count
from pathfa.workflow.config import parse_config
from pathfa.workflow.environment import put_on_path
from pathfa.workflow.job import Job
from pathfa.workflow.plan import Plan
from pathfa.workflow.run import done_otherwise, forget_lost
from pathfa.workflow.stages import STAGE, stages_of

try:
    PLAN = Plan(parse_config(config, [Path(path) for path in workflow.configfiles]))
except PathFAError as error:
    raise WorkflowError(f"The configuration is not valid:\n{error}")

if Path(PLAN.paths.output).is_file():
    raise WorkflowError(
        f"output: {PLAN.paths.output} is a file; the results need a folder. Fix: name another"
    )

put_on_path()
STAGES = stages_of(PLAN)
OTHERWISE = []
if workflow.is_main_process and Path(PLAN.paths.gate).is_file():
    forget_lost(PLAN)
    OTHERWISE = done_otherwise(PLAN)

NAME = "[A-Za-z0-9][A-Za-z0-9._-]*"


wildcard_constraints:
    cohort=NAME,
    collection=NAME,
    run=NAME,
    seed="[0-9]+",


def pattern(stage):
    """The job of a stage with wildcards for its names."""
    return Job(stage, PLAN, *(f"{{{name}}}" for name in stage.names))


def job(stage, wildcards):
    """The job of a stage with the names that a rule has matched."""
    return Job(stage, PLAN, *(wildcards.get(name) for name in stage.names))


def inputs(stage):
    """The files that a job needs. Those that do not exist and are made by no rule are the business of the gate."""

    def exist_or_are_made(wildcards):
        if OTHERWISE and not workflow.dag_settings.forceall:
            raise WorkflowError(
                f"{PLAN.paths.output}: 'pathfa run' did {count(len(OTHERWISE), 'job')} here with other options or "
                f"inputs, or in another version (such as {OTHERWISE[0]}); Snakemake would take them for up to date. "
                "Fix: go on with 'pathfa run', which does what has changed; or do all of it again with --forceall; "
                "or set another 'output'"
            )
        if stage.name == "index":
            checkpoints.gate.get()  # it says which fits there are
        files = job(stage, wildcards).inputs
        made = f"{PLAN.paths.output}/"
        return [path for path in files if path.startswith(made) or Path(path).exists()]

    return exist_or_are_made


def outputs(stage):
    """The files and folders that a job writes. Pages become part of Snakemake's own report."""

    def marked(path):
        if path.endswith(".html"):
            labels = {name: f"{{{name}}}" for name in stage.names}
            category = labels.get("cohort", stage.name)
            return report(path, category=category, labels=labels or None)
        return path if Path(path).suffix else directory(path)

    return [marked(path) for path in pattern(stage).outputs]


def command(stage):
    """The command of a job. A job runs again when it has changed."""
    return lambda wildcards: join(["pathfa", *job(stage, wildcards).command])


def threads_of(stage):
    """The number of fits that run side by side."""
    if stage.threads is None:
        return 1
    return lambda wildcards: stage.threads(job(stage, wildcards))


def n_jobs(stage):
    """The option that says so. No job runs again when it has changed, because the function takes the threads."""
    if stage.threads is None:
        return ""
    return lambda wildcards, threads: f"--n-jobs {threads}"


def memory(stage):
    """Memory in MB that grows with every attempt."""
    share = PLAN.config.resources.mem_mb * stage.memory
    return lambda wildcards, attempt: int(share * attempt)


def minutes(stage):
    """Time in minutes that grows with every attempt."""
    share = PLAN.config.resources.runtime * stage.minutes
    return lambda wildcards, attempt: max(1, int(share * attempt))
