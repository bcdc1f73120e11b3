"""The stages: files in, one file out, written whole or not at all."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pathfa.core.errors import GeneSetError, InputError
from pathfa.core.files import whole, write_text, writing
from pathfa.core.findings import Severity
from pathfa.workflow.config import CohortSource, Collection, File, FitOptions, ReportOptions, Roles
from pathfa.workflow.config.commands import fit_command, select_command
from pathfa.workflow.covariates import asked_columns, read_covariates
from pathfa.workflow.read import read_collection, read_source, require_files

if TYPE_CHECKING:
    from mudata import MuData

    from pathfa.data import GeneSets
    from pathfa.result.result import PathFAResult

logger = logging.getLogger(__name__)


def simulate(folder: Path, seed: int) -> list[str]:
    """Write the demo cohort and its gene sets into a folder, and return what was written."""
    from pathfa.simulation.demo import write_demo

    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder, prefix=".") as part:
            write_demo(Path(part), seed)
            written = [path.replace(folder / path.name) for path in sorted(Path(part).iterdir())]
    return [str(path) for path in written]


def ingest(source: CohortSource, out: Path) -> dict[str, Any]:
    """Read a cohort and write it as one .h5mu file.

    Returns
    -------
    dict
        Number of samples, names of the views, what was repaired.
    """
    from pathfa.data.io.parts import DECLARED

    data = read_source(source)
    if source.simulated:
        data.uns[DECLARED] = {**data.uns[DECLARED], "simulated": "yes"}
    with whole(out) as part:
        data.write(part)
    return {"n_samples": int(data.n_obs), "views": list(data.mod)}


def fit(
    source: CohortSource,
    item: Collection,
    options: FitOptions,
    out: Path,
    *,
    n_jobs: int | None,
    progress: bool,
    only_start: int | None = None,
) -> dict[str, Any]:
    """Fit the model and save it.

    Parameters
    ----------
    source, item
        The cohort and the gene sets.
    options
        Options of the fit.
    out
        File of the model.
    n_jobs
        Starts that run side by side; as many as there are cores when None.
    progress
        Whether progress is shown.
    only_start
        Number of the only start that runs; all of them when None.

    Returns
    -------
    dict
        Whether it converged, iterations, log evidence, number of factors.
    """
    from pathfa.data.io.parts import declared_of
    from pathfa.estimator import PathFA

    require_files(source)
    sets = read_collection(item)
    data = read_source(source, sets.values())
    kept = _usable(data, sets, item)
    model = PathFA(
        **asdict(options), min_set_size=item.min_size, n_jobs=n_jobs, progress=progress, only_start=only_start
    ).fit(data, kept)
    declared = declared_of(data)
    gene_sets = {"path": sets.source, "sha256": sets.sha256}
    model.result_.provenance["command"] = fit_command(source, item, options, out, only_start)
    model.result_.provenance["inputs"] = [*json.loads(declared["inputs"]), gene_sets]
    model.result_.provenance["simulated"] = "simulated" in declared
    model.save(out)
    return _summary(model.result_)


def _usable(data: MuData, sets: GeneSets, item: Collection) -> GeneSets:
    """Return the gene sets of the sizes asked for; where there is none, raise with what the input says of it."""
    from pathfa.data import validate as problems_of

    features = sorted({feature for view in data.mod.values() for feature in view.var_names})
    try:
        return sets.filter(min_size=item.min_size, max_size=item.max_size, features=features)
    except GeneSetError:
        errors = [finding for finding in problems_of(data, sets) if finding.severity is Severity.ERROR]
        if errors:  # such as another species
            raise InputError(findings=errors) from None
        raise


def select(models: Sequence[Path], out: Path) -> dict[str, Any]:
    """Save the best of several models of the same data, and return what :func:`fit` returns of it.

    Parameters
    ----------
    models
        Saved models, such as those of single starts.
    out
        File of the best one.
    """
    from pathfa.fit.starts import select as best_of

    best = best_of(models)
    best.provenance["command"] = "\n".join(filter(None, [best.provenance["command"], select_command(models, out)]))
    best.save(out)
    return _summary(best)


def _summary(result: PathFAResult) -> dict[str, Any]:
    return {
        "converged": result.converged,
        "n_iter": result.n_iter,
        "n_factors": len(result.factor_names),
        "log_evidence": result.log_evidence,
    }


def check(
    model: Path,
    source: CohortSource,
    which: Sequence[str],
    out: Path,
    *,
    n_jobs: int | None,
    progress: bool,
    **sizes: int,
) -> dict[str, Any]:
    """Run the checks that refit a model and keep what they find.

    Parameters
    ----------
    model
        The saved model.
    source
        The cohort that it was fitted to.
    which
        Names of the checks, as of :func:`pathfa.run_checks`.
    out
        JSON file for the report.
    n_jobs
        Refits that run side by side; as many as there are cores when None.
    progress
        Whether progress is shown.
    **sizes
        ``folds``, ``repeats``, ``resamples`` and ``seed``, as of :func:`pathfa.run_checks`.

    Returns
    -------
    dict
        Seconds of each check, and why others could not be done.
    """
    from pathfa.analysis import run_checks
    from pathfa.result.result import as_result

    result = as_result(model)
    data = read_source(source, result.gene_sets.values())
    checks = run_checks(result, data, which=which, n_jobs=n_jobs, progress=progress, **sizes)
    checks.save(out)
    return {"checks": dict(checks.settings["seconds"]), "not_done": dict(checks.not_done)}


def report(
    model: Path,
    out: Path,
    covariates: File | None,
    roles: Roles,
    options: ReportOptions,
    checks: Path | None = None,
) -> dict[str, Any]:
    """Write the report of a saved model, and return its verdict.

    Parameters
    ----------
    model
        The saved model.
    out
        HTML file; its tables stand in a folder beside it.
    covariates, roles
        Covariates of the samples and what they are.
    options
        What the report shows beyond the result.
    checks
        What :func:`check` wrote, if it ran.

    Raises
    ------
    pathfa.core.errors.ConfigError
        If a role names a column that the covariates lack.
    """
    from pathfa.reporting import report as render
    from pathfa.reporting import status_path
    from pathfa.result.result import as_result

    result = as_result(model)
    table = result.obs if covariates is None else read_covariates(covariates, result.sample_names)
    if not len(table.columns) and roles.named():  # one configuration for cohorts with and without covariates
        logger.warning("warning: there are no covariates; left out: %s", ", ".join(roles.named()))
        roles = Roles()
    table = table[asked_columns(table, roles)]
    with writing(out):
        render(
            result,
            out,
            covariates=table,
            technical=roles.technical,
            time=roles.time,
            event=roles.event,
            title=options.title or None,
            anonymise=options.anonymise,
            checks=checks,
            command=result.provenance.get("command", ""),
        )
    status = json.loads(status_path(out).read_text(encoding="utf-8"))
    return {"verdict": status["verdict"]}


def validate(
    cohort: str,
    source: CohortSource,
    collections: Mapping[str, Collection],
    roles: Roles,
    out: Path | None,
) -> dict[str, Any]:
    """Collect everything that is wrong with the input of a cohort.

    Parameters
    ----------
    cohort
        Its name.
    source
        Where it comes from.
    collections
        The gene sets it is to be fitted with.
    roles
        What the columns of its covariates are.
    out
        File for what was found, as a workflow needs it.

    Returns
    -------
    dict
        As in ``data_schemas/validation.schema.json``.
    """
    from pathfa.workflow.validation import examine

    found = examine(cohort, source, collections, roles)
    if out is not None:
        write_text(out, json.dumps(found, indent=2) + "\n")
    return found
