"""From options and data to a result: the steps of ``PathFA.fit``."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

import torch

from pathfa._version import __version__
from pathfa.core.choices import bad_option
from pathfa.core.errors import ConfigError, InputError
from pathfa.core.findings import Severity
from pathfa.core.progress import show_progress
from pathfa.core.text import count
from pathfa.data import GeneSets, as_cohort
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.data.validation.validate import check
from pathfa.fit.assemble import Record, assemble
from pathfa.fit.checks import check_options, resolve_device
from pathfa.fit.problem import prepare
from pathfa.inference.fit import FitSettings
from pathfa.inference.linalg import one_thread
from pathfa.inference.selection.search import Search, select
from pathfa.result.diagnostics import with_diagnostics
from pathfa.result.result import PathFAResult

if TYPE_CHECKING:
    from pathfa.estimator import Data, PathFA

_MOST_FACTORS = 40  # most factors that are tried without being asked for


@one_thread()
@torch.inference_mode()
def run(
    model: PathFA, data: Data, gene_sets: GeneSets | Mapping[str, Sequence[str]], *, informed: bool = True
) -> PathFAResult:
    """Return the result of a fit with the options of a model, see ``PathFA.fit``.

    With ``informed=False`` the gene sets choose the features, but the fit does not see them.
    """
    began = time.perf_counter()
    started = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    spec = check_options(model)
    cohort = as_cohort(data)
    sets = gene_sets if isinstance(gene_sets, GeneSets) else GeneSets(gene_sets)
    findings = check(cohort, sets, model.min_set_size)
    problems = [finding for finding in findings if finding.severity is Severity.ERROR]
    if problems:
        raise InputError(findings=problems)
    _check_views(model, cohort.view_names)
    prepared = prepare(
        cohort,
        sets,
        preprocess={
            view.name: (model.preprocess or {}).get(view.name) or ViewPreprocessor(scale=model.scale)
            for view in cohort.views
        },
        annotated_only=model.features == "annotated",
        left_censored=model.left_censored,
        min_set_size=model.min_set_size,
        device=resolve_device(model.device),
        informed=informed,
    )
    size = _size(model.n_factors, len(cohort.samples))
    search = Search(
        n_factors=size,
        max_factors=_limit(model.max_factors, len(cohort.samples)),
        n_starts=model.n_starts,
        only_start=model.only_start,
        settings=FitSettings(max_iter=model.max_iter, tol=model.tol),
        seed=model.seed,
        n_jobs=len(os.sched_getaffinity(0)) if model.n_jobs is None else model.n_jobs,
    )
    with show_progress(model.progress) as report:
        selection = select(prepared.problem, spec, search, report)
    record = Record(
        findings=tuple(findings),
        settings={
            **_settings(model),
            "gene_sets": {"source": str(sets.source), "sha256": sets.sha256, "n_given": len(sets)},
        },
        provenance={
            "version": __version__,
            "packages": dict(_versions()),
            "python": platform.python_version(),
            "platform": platform.platform(terse=True),
            "device": str(prepared.problem.device),
            "seed": model.seed,
            "started": started,
            "seconds": time.perf_counter() - began,
        },
    )
    result = assemble(prepared, selection, record, keep_data=model.keep_data, seed=model.seed)
    return with_diagnostics(result)


def _check_views(model: PathFA, views: Sequence[str]) -> None:
    """Raise unless the options that name views name those of the cohort."""
    censored = model.left_censored
    unknown = censored if isinstance(censored, str) else [name for name in censored if name not in views]
    if unknown:
        expected = f"a list of names of views: {', '.join(views)}"
        raise ConfigError(findings=[bad_option("left_censored", unknown, expected)])
    preprocess: Mapping[str, object] = model.preprocess or {}
    for name, item in preprocess.items():
        if name not in views:
            raise ConfigError(findings=[bad_option("preprocess", name, f"names of views: {', '.join(views)}")])
        if not isinstance(item, ViewPreprocessor):
            expected = "a pathfa.data.preprocess.preprocessor.ViewPreprocessor for every view"
            raise ConfigError(findings=[bad_option("preprocess", {name: item}, expected)])


def _size(n_factors: int | str, n_samples: int) -> int | None:
    if n_factors == "auto":
        return None
    if int(n_factors) > _most(n_samples):
        expected = f"{_most(n_samples)} or fewer for {count(n_samples, 'sample')}: one more would leave no noise"
        raise ConfigError(findings=[bad_option("n_factors", n_factors, expected)])
    return int(n_factors)


def _most(n_samples: int) -> int:
    """Return the most factors that leave noise: centred samples have one direction less than there are samples."""
    return max(1, n_samples - 2)


def _limit(max_factors: int | None, n_samples: int) -> int:
    """Return the most factors that are tried: beyond half the samples, factors soon hold the noise as well."""
    if max_factors is not None:
        return min(max_factors, _most(n_samples))
    return max(1, min(max(10, n_samples // 4), _MOST_FACTORS, (n_samples - 1) // 2))


def _settings(model: PathFA) -> dict[str, Any]:
    parameters = dict(model.get_params(deep=False))
    parameters["preprocess"] = {view: asdict(item) for view, item in (model.preprocess or {}).items()}
    parameters["left_censored"] = list(model.left_censored)
    return {**parameters, "parameters": parameters}


@cache
def _versions() -> dict[str, str]:
    names = ("torch", "numpy", "scipy", "pandas", "anndata", "mudata", "scanpy", "gseapy", "pyro-ppl", "scikit-learn")
    return {name: metadata.version(name) for name in names}
