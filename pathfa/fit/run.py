"""From options and data to a result: the steps of ``PathFA.fit``."""

from __future__ import annotations

import platform
import time
import warnings
from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeAlias

import torch
from joblib import cpu_count

from pathfa._version import __version__
from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError, ConvergenceWarning, FitWarning, InputError
from pathfa.core.findings import Severity
from pathfa.core.progress import show_progress
from pathfa.core.side_by_side import threads
from pathfa.core.text import count
from pathfa.data import Cohort, as_cohort
from pathfa.data.cohort.parts import declared_of
from pathfa.data.gene_sets.libraries import GeneSetSource, as_gene_sets
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.data.validation.validate import check_cohort
from pathfa.fit.assemble import assemble
from pathfa.fit.cost import most_factors
from pathfa.fit.possible import impossible_options
from pathfa.fit.problem import prepare
from pathfa.fit.sample_findings import noisy_samples, outlying_values, size_findings
from pathfa.inference.numerics import one_thread
from pathfa.inference.selection.search import SearchSettings, search
from pathfa.inference.stopping import FitSettings
from pathfa.options import FitOptions
from pathfa.result.judgement import NOT_CONVERGED, with_findings
from pathfa.result.result import PathFAResult

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData
    from mudata import MuData

    Data: TypeAlias = MuData | AnnData | pd.DataFrame | Mapping[str, AnnData | pd.DataFrame] | Cohort

_MOST_WARNED = 5  # findings of a fit that are told when it ends; the result has all


def run(
    options: FitOptions,
    data: Data,
    gene_sets: GeneSetSource,
    *,
    informed: bool = True,
    source: Mapping[str, Any] | None = None,
) -> PathFAResult:
    """Return the result of a fit, see ``PathFA.fit``.

    Parameters
    ----------
    options, data, gene_sets
        How what is fitted to what.
    informed
        Whether the fit sees which features belong to which gene set; they choose the features all the same.
    source
        What becomes part of the provenance beside what is known here, such as the command.

    Raises
    ------
    InputError
        If the data or the gene sets cannot be fitted, or the memory of a GPU does not suffice, with what would.

    Warns
    -----
    ConvergenceWarning
        If the fit stopped before it met its convergence criterion.
    """
    try:
        with one_thread(), threads(options.n_jobs or cpu_count()), torch.inference_mode():
            result = _run(options, data, gene_sets, informed, source or {})
    except torch.OutOfMemoryError as reason:
        found = f"the memory of device '{options.device}' is full ({str(reason).splitlines()[0]})"
        fix = "use device='cpu', fewer factors, or max_features per view; pathfa plan says what a fit needs"
        raise InputError.of("out-of-memory", found, "a fit that fits into it", fix) from reason
    for finding in result.findings:
        if finding.code == NOT_CONVERGED:
            warnings.warn(str(finding), ConvergenceWarning, stacklevel=3)
    return result


def warn_of(result: PathFAResult, *, rest: str) -> None:
    """Warn, where the caller was called, of what whoever reads a fit must know, but for what :func:`run` warned of.

    Parameters
    ----------
    result
        The fit.
    rest
        Where to find what is left out of a long warning.
    """
    told = [item for item in result.findings if item.severity is Severity.WARNING and item.code != NOT_CONVERGED]
    if not told:
        return
    lines = [f"{count(len(told), 'thing')} to know about this fit:", *map(str, told[:_MOST_WARNED])]
    if len(told) > _MOST_WARNED:
        lines.append(f"and {len(told) - _MOST_WARNED} more, in {rest}")
    warnings.warn("\n  ".join(lines), FitWarning, stacklevel=3)


def _run(
    options: FitOptions,
    data: Data,
    gene_sets: GeneSetSource,
    informed: bool,
    source: Mapping[str, Any],
) -> PathFAResult:
    began, started = time.perf_counter(), time.strftime("%Y-%m-%dT%H:%M:%S%z")
    cohort = as_cohort(data)
    sets = as_gene_sets(gene_sets)
    findings = check_cohort(cohort, sets, options.min_set_size)
    problems = [finding for finding in findings if finding.severity is Severity.ERROR]
    if problems:
        raise InputError(findings=problems)
    _check_options(options, cohort)
    device = resolve_device(options.device)
    prepared = prepare(cohort, sets, options, device, informed=informed)
    findings += size_findings(prepared, keep_data=options.keep_data)
    n_samples = len(cohort.samples)
    wanted = SearchSettings(
        n_factors=None if options.n_factors == "auto" else int(options.n_factors),
        max_factors=most_factors(options.max_factors, n_samples),
        n_starts=options.n_starts,
        settings=FitSettings(max_iter=options.max_iter, tol=options.tol),
        seed=options.seed,
        n_jobs=options.n_jobs or cpu_count(),
    )
    with show_progress(options.progress, _size_words(wanted)) as report:
        selection = search(prepared.problem, options, wanted, report)
    parameters = options.to_dict()
    settings = {
        **parameters,
        "parameters": parameters,
        "gene_sets": {"source": str(sets.source), "sha256": sets.sha256, "n_given": len(sets)},
    }
    provenance = {
        "version": __version__,
        "packages": dict(_versions()),
        "python": platform.python_version(),
        "platform": platform.platform(terse=True),
        "device": str(device),
        "seed": options.seed,
        "inputs": list(cohort.inputs),
        "shapes": {view.name: [view.n_present, len(view.features)] for view in cohort.views},
        "simulated": "simulated" in declared_of(data),
        "started": started,
        "seconds": time.perf_counter() - began,
        **source,
    }
    result = with_findings(assemble(prepared, selection, options, tuple(findings), settings, provenance))
    pairs = zip(cohort.view_names, prepared.problem.views, strict=True)
    n_values = {name: float(view.n_observed.sum()) for name, view in pairs}
    outlying = outlying_values(result.settings["outlying_values"], n_values)
    return replace(result, findings=(*result.findings, *noisy_samples(result.sample_quality), *outlying))


def _size_words(wanted: SearchSettings) -> str:
    """Return how many factors a search tries, in words."""
    if wanted.n_factors is not None:
        return f"with {count(wanted.n_factors, 'factor')}"
    return f"up to {count(wanted.max_factors, 'factor')}"


def parameters_of(result: PathFAResult) -> dict[str, Any]:
    """Return the options of the fit that made a result; those of earlier versions that are no more are left out."""
    names = [item.name for item in fields(FitOptions)]
    parameters = {name: value for name, value in result.settings["parameters"].items() if name in names}
    preprocess = parameters.get("preprocess") or {}
    return parameters | {"preprocess": {view: ViewPreprocessor(**item) for view, item in preprocess.items()}}


def resolve_device(device: str) -> torch.device:
    """Return the torch device that a name stands for; ``"auto"`` is a GPU where there is one.

    Raises
    ------
    ConfigError
        If there is no such device.
    """
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        torch.empty(0, device=device)
        return torch.device(device)
    except (RuntimeError, AssertionError) as error:
        expected = f"'auto', 'cpu' or a device that torch finds here ({str(error).splitlines()[0]})"
        raise ConfigError(findings=[bad_option("device", device, expected)]) from error


def _check_options(options: FitOptions, cohort: Cohort) -> None:
    """Raise unless the cohort allows the options."""
    findings = [
        bad_option("preprocess", {name: item}, "a pathfa.data.preprocess.preprocessor.ViewPreprocessor for every view")
        for name, item in (options.preprocess or {}).items()
        if not isinstance(item, ViewPreprocessor)
    ]
    findings += impossible_options(options, len(cohort.samples), cohort.view_names)
    if findings:
        raise ConfigError(findings=findings)


@cache
def _versions() -> dict[str, str]:
    names = ("torch", "numpy", "scipy", "pandas", "anndata", "mudata", "scanpy", "gseapy", "pyro-ppl", "scikit-learn")
    return {name: metadata.version(name) for name in names}
