"""What the stages do: files in, one file or folder out, written whole or not at all."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from pathfa.core.errors import GeneSetError, InputError
from pathfa.core.files import whole, write_text, writing
from pathfa.core.findings import Severity
from pathfa.options import FitOptions
from pathfa.workflow.config import CohortSource, Collection, File, ReportOptions, Roles
from pathfa.workflow.config.words import fit_command
from pathfa.workflow.read import read_collection, read_covariates, read_source, require_files
from pathfa.workflow.validation import shown_columns

if TYPE_CHECKING:
    from mudata import MuData

    from pathfa.analysis.export import ResultTable
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


def ingest(source: CohortSource, out: Path, validation: Path | None = None) -> dict[str, Any]:
    """Read a cohort and write it as one .h5mu file.

    Parameters
    ----------
    source
        Where it comes from.
    out
        File to write.
    validation
        What ``pathfa validate`` wrote: it had the gene sets, and so could recognise the tables with
        samples in rows.

    Returns
    -------
    dict
        Number of samples and names of the views.
    """
    from pathfa.data.cohort.parts import DECLARED

    if validation is not None:
        in_rows = json.loads(validation.read_text(encoding="utf-8"))["samples_in_rows"]
        turned = {
            name: replace(source.views[name], options={**source.views[name].options, "samples_in": "rows"})
            for name in source.views.keys() & in_rows
        }
        source = replace(source, views={**source.views, **turned})
    data = read_source(source)
    if source.simulated:
        data.uns[DECLARED] = {**data.uns[DECLARED], "simulated": "yes"}
    with whole(out) as part:
        data.write(part)
    return {"n_samples": int(data.n_obs), "views": list(data.mod)}


def fit(
    source: CohortSource, item: Collection, options: FitOptions, out: Path, *, n_jobs: int | None
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

    Returns
    -------
    dict
        Whether it converged, iterations, log evidence, number of factors.
    """
    from pathfa.data.cohort.parts import declared_of
    from pathfa.fit.run import run, warn_of

    require_files(source.data_files())
    sets = read_collection(item)
    data = read_source(source, sets.values())
    kept = _usable(data, sets, item)
    given = {
        "command": fit_command(source, item, options, out),
        "inputs": [*json.loads(declared_of(data)["inputs"]), {"path": sets.source, "sha256": sets.sha256}],
    }
    options = replace(options, min_set_size=item.min_size, n_jobs=n_jobs, progress=True)
    result = run(options, data, kept, source=given)
    result.save(out)
    warn_of(result, rest="the report")
    return {
        "converged": result.converged,
        "n_iter": result.n_iter,
        "n_factors": len(result.factor_names),
        "log_evidence": result.log_evidence,
    }


def _usable(data: MuData, sets: GeneSets, item: Collection) -> GeneSets:
    """Return the gene sets of the sizes asked for; where there is none, raise with the errors of the input."""
    from pathfa.data import validate as problems_of

    features = sorted({feature for view in data.mod.values() for feature in view.var_names})
    try:
        return sets.filter(min_size=item.min_size, max_size=item.max_size, features=features)
    except GeneSetError:
        found = problems_of(data, sets, min_set_size=item.min_size)
        errors = [finding for finding in found if finding.severity is Severity.ERROR]
        if errors:  # such as another species
            raise InputError(findings=errors) from None
        raise


def check(
    model: Path,
    source: CohortSource,
    which: Sequence[str],
    out: Path,
    *,
    n_jobs: int | None,
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
    **sizes
        ``folds``, ``repeats``, ``resamples`` and ``seed``, as of :func:`pathfa.run_checks`.

    Returns
    -------
    dict
        Seconds of each check, and why others could not be done.
    """
    from pathfa.analysis import run_checks

    result = _fitted(model)
    data = read_source(source, result.gene_sets.values())
    checks = run_checks(result, data, which=which, n_jobs=n_jobs, progress=True, **sizes)
    checks.save(out)
    return {"checks": dict(checks.settings["seconds"]), "not_done": dict(checks.not_done)}


def report(
    model: Path, out: Path, covariates: File | None, roles: Roles, options: ReportOptions, checks: Path | None = None
) -> dict[str, Any]:
    """Write the report of a saved model, and return its verdict.

    Parameters
    ----------
    model
        The saved model.
    out
        HTML file; its tables are in a folder beside it.
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

    result = _fitted(model)
    table, told = (result.obs, []) if covariates is None else read_covariates(covariates, result.sample_names)
    for finding in told:
        logger.info("%s: %s", finding.severity, finding)
    if not len(table.columns) and roles.named():  # one configuration for cohorts with and without covariates
        logger.warning("warning: there are no covariates; left out: %s", ", ".join(roles.named()))
        roles = Roles()
    table = table[shown_columns(table, roles)]
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
    return {"verdict": status["verdict"], "headline": status["headline"]}


def tables(model: Path, folder: Path) -> list[str]:
    """Write every result of a saved model: numbers as TSV, settings and provenance as JSON.

    Parameters
    ----------
    model
        The saved model.
    folder
        Where; it is made.

    Returns
    -------
    list of str
        What was written.
    """
    from pathfa.analysis.export import result_tables

    result = _fitted(model)
    written = [_write_table(item, folder) for item in result_tables(result)]
    for name, values in (("settings", result.settings), ("provenance", result.provenance)):
        path = folder / f"{name}.json"
        write_text(path, json.dumps(values, indent=2, default=str) + "\n")
        written.append(str(path))
    return written


def predict(model: Path, source: CohortSource, predicted: Sequence[str] | None, folder: Path) -> dict[str, Any]:
    """Write what a saved model says of samples that it has not seen as TSV.

    Parameters
    ----------
    model
        The saved model.
    source
        Where the samples come from.
    predicted
        Views whose values are predicted; those that the samples lack when None.
    folder
        Where; it is made.

    Returns
    -------
    dict
        ``findings``, as mappings, and ``files``, those that were written.
    """
    from pathfa.analysis.new_samples import new_sample_tables
    from pathfa.data import as_cohort
    from pathfa.fit.new_samples.data import NewSamples

    result = _fitted(model)
    samples = NewSamples(result, as_cohort(read_source(source, result.gene_sets.values())))
    written = [_write_table(item, folder) for item in new_sample_tables(samples, predicted)]
    return {"findings": [finding.to_dict() for finding in samples.findings], "files": written}


def _fitted(model: Path) -> PathFAResult:
    """Return the result in a model file; what comes after a fit in one process reads it once."""
    return _read_model(model, model.stat().st_mtime_ns if model.is_file() else 0)


@lru_cache(maxsize=1)
def _read_model(model: Path, _written: int) -> PathFAResult:
    from pathfa.result.result import as_result

    return as_result(model)


def _write_table(item: ResultTable, folder: Path) -> str:
    """Write a table as TSV, and return its file."""
    path = folder / f"{item.name}.tsv"
    with whole(path) as part:
        item.table.to_csv(part, sep="\t", index_label=str(item.table.index.name or "name"), lineterminator="\n")
    return str(path)
