"""Commands that do everything: demo, init, run; and doctor, which looks at the installation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Annotated, cast

import typer
from typer.core import TyperGroup

from pathfa.cli.command import HelpPanel
from pathfa.cli.console import Answer, AsJson, Exit, job
from pathfa.cli.inputs import GENE_SETS, Jobs, Out, Samples, Seed, Views, cohort_source


def demo(
    context: typer.Context,
    out: Annotated[
        Path, typer.Option("--out", metavar="FOLDER", help="Folder to write.", rich_help_panel=HelpPanel.OUTPUT)
    ] = Path("pathfa-demo"),
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Simulate a small cohort, fit it and write its report. Takes about half a minute.

    Example: pathfa demo --out pathfa-demo
    """
    from pathfa.workflow.config import parse_config
    from pathfa.workflow.layout import demo_config
    from pathfa.workflow.run import run_config

    outcome = run_config(parse_config(demo_config(str(out), seed)), _call(context))
    code = Exit.BAD_DATA if outcome.failed else Exit.DONE
    Answer(result=outcome.to_dict(), lines=outcome.lines(), code=code).give(as_json=as_json)


def init(
    files: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[CONFIG.yaml] [FILE]...",
            help="Configuration to write (config.yaml), and the files of a cohort to guess its options from: "
            "one table per view, sample sheet, gene sets.",
            show_default=False,
        ),
    ] = None,
    view: Views = None,
    samples: Samples = None,
    gene_sets: Annotated[
        list[str] | None,
        typer.Option("--gene-sets", metavar="FILE", help=GENE_SETS, show_default=False, rich_help_panel=HelpPanel.DATA),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Replace an existing file.", rich_help_panel=HelpPanel.OUTPUT)
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a commented configuration to start from, with guesses when the files of a cohort are named.

    Example: pathfa init rna.tsv protein.tsv patients.tsv sets.gmt
    """
    from pathfa.workflow.config.load import write_template
    from pathfa.workflow.guess.config import NOT_USED

    named = files or []
    targets = [file for file in named if file.suffix.lower() in (".yaml", ".yml")]
    if len(targets) > 1:
        raise typer.BadParameter(f"{targets[0]} and {targets[1]}: only one configuration can be written")
    path = targets[0] if targets else Path("config.yaml")
    data = [file for file in named if file not in targets]
    given = (
        {name: {"path": each.path, **each.options} for name, each in cohort_source(view).views.items()} if view else {}
    )
    known = {"views": given, "samples": samples, "gene_sets": gene_sets}
    write_template(path, force=force, files=data, **{name: value for name, value in known.items() if value})
    data += [Path(each["path"]) for each in given.values()]
    unused = [line.strip(" #") for line in path.read_text(encoding="utf-8").splitlines() if NOT_USED in line]
    lines = [
        *unused,
        f"{path} written. {'Check the lines marked GUESS' if data else 'Put your files in'}, then:",
        f"  pathfa validate {path}",
        f"  pathfa run {path}",
        f'  snakemake --cores 2 --snakefile "$(pathfa snakefile)" --configfile {path}    (if Snakemake is installed)',
    ]
    Answer(result={"out": str(path)}, lines=lines).give(as_json=as_json)


def run(
    context: typer.Context,
    config: Annotated[
        Path, typer.Argument(metavar="CONFIG.yaml", help="Configuration; 'pathfa init' writes one.", show_default=False)
    ],
    as_json: AsJson = False,
) -> None:
    """Run a whole configuration without Snakemake: the same commands, the same files.

    Finished jobs are not run again. Ends with 65 when a job failed, after the others, or no cohort could be
    fitted.

    Example: pathfa run config.yaml
    """
    from pathfa.workflow.config import load_config
    from pathfa.workflow.run import run_config

    outcome = run_config(load_config(config), _call(context))
    code = Exit.BAD_DATA if outcome.failed or not outcome.reports else Exit.DONE
    Answer(result=outcome.to_dict(), lines=outcome.lines(), code=code).give(as_json=as_json)


@job("cohort")
def cohort(
    context: typer.Context,
    config: Annotated[str, typer.Option("--config", metavar="JSON", help="The parts of a configuration that matter.")],
    out: Out,
    n_jobs: Jobs = None,
) -> Answer:
    """Do all that comes after the gate for a cohort in one process: ingest, fit, tables, check, report.

    Finished jobs are not run again. Ends with 65 when one failed, after the others.

    Example: pathfa cohort --config '{"output": "results", ...}' --out outcome.json, as Snakemake does
    """
    from pathfa.core.errors import InputError
    from pathfa.core.files import write_text
    from pathfa.workflow.config.options import make_config
    from pathfa.workflow.run import run_cohorts

    outcome = run_cohorts(make_config(json.loads(config)), _call(context), n_jobs)
    if outcome.failed:
        raise InputError(f"{', '.join(outcome.failed)}: failed, for the reasons above")
    write_text(out, json.dumps(outcome.to_dict(), indent=2) + "\n")
    return Answer(result=outcome.to_dict(), lines=outcome.reports)


def _call(context: typer.Context) -> Callable[[Sequence[str]], None]:
    """Return a function that runs another command in this process, without what it prints on stdout."""

    def call(words: Sequence[str]) -> None:
        command = cast(TyperGroup, context.find_root().command).commands[words[0]]
        with redirect_stdout(StringIO()), command.make_context(words[0], list(words[1:])) as inner:
            command.invoke(inner)

    return call


def doctor(as_json: AsJson = False) -> None:
    """Check the installation: versions, threads, memory, GPU. Ends with 78 when something is missing.

    Example: pathfa doctor
    """
    from pathfa.workflow.environment import examine

    found = examine()
    Answer(
        result={"checks": [{"name": item.name, "found": item.found, "fix": item.fix} for item in found]},
        lines=[f"{item.name:<22} {item.found}{f'   <- {item.fix}' if item.fix else ''}" for item in found],
        code=Exit.BAD_CONFIGURATION if any(item.fix for item in found) else Exit.DONE,
    ).give(as_json=as_json)


def snakefile(as_json: AsJson = False) -> None:
    """Print where the workflow of Snakemake stands, for 'snakemake --snakefile'.

    Example: pathfa snakefile, as in snakemake --snakefile "$(pathfa snakefile)" --configfile config.yaml --cores 2
    """
    from pathfa.workflow.environment import snakefile as of_this_installation

    path = str(of_this_installation())
    Answer(result={"snakefile": path}, lines=[path]).give(as_json=as_json)
