"""The checks that refit a model, run together and kept in one file for the report."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import cpu_count

from pathfa._version import __version__
from pathfa.analysis.refits.decoys import decoys
from pathfa.analysis.refits.gene_sets import uninformed
from pathfa.analysis.refits.heldout import heldout
from pathfa.analysis.refits.stability import stability
from pathfa.core.choices import choose
from pathfa.core.errors import AlignmentError, InputError, MissingInputError, PathFAError
from pathfa.core.files import write_text
from pathfa.core.text import count, inflect
from pathfa.data import as_cohort
from pathfa.result.result import PathFAResult, as_result

CHECKS_FORMAT = "pathfa-checks"
CHECKS_FORMAT_VERSION = 1
_MOST_STARTS = 2  # of a refit
_RERUN = "run the checks on this model again, with pathfa.run_checks or `pathfa check`"

logger = logging.getLogger(__name__)


class Check(StrEnum):
    """A check that refits the model.

    Examples
    --------
    >>> [str(check) for check in pf.analysis.Check]
    ['heldout', 'uninformed', 'decoys', 'stability']
    """

    HELDOUT = "heldout"  # prediction of samples that were left out, with and without gene sets
    UNINFORMED = "uninformed"  # the fit without gene sets
    DECOYS = "decoys"  # random gene sets compete with the real ones
    STABILITY = "stability"  # refits on resamples


@dataclass(frozen=True, kw_only=True)
class Checks:
    """What the checks found.

    Attributes
    ----------
    model
        The model that was checked: its log evidence and the names of its factors.
    tables
        Per check its table; see the functions of the same names in ``pathfa.analysis``.
    not_done
        Per check that could not be done, why.
    settings
        Seed, number of folds, repeats and resamples, version of PathFA, seconds per check.

    Examples
    --------
    >>> checks.tables["uninformed"]["level"].unique().tolist()
    ['evidence', 'view', 'factor']
    >>> checks.not_done
    {}
    """

    model: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    not_done: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)

    def save(self, path: str | Path) -> None:
        """Write the checks to one JSON file, whole or not at all.

        Parameters
        ----------
        path
            The file, such as ``checks.json``.

        Examples
        --------
        >>> checks.save("checks.json")
        """
        content = {
            "format": CHECKS_FORMAT,
            "format_version": CHECKS_FORMAT_VERSION,
            "model": dict(self.model),
            "settings": dict(self.settings),
            "not_done": dict(self.not_done),
            "tables": {name: [_column(table, key) for key in table.columns] for name, table in self.tables.items()},
        }
        write_text(Path(path), json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Checks:
        """Return the checks that ``save`` wrote.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        MissingInputError, InputError
            If there is no such file or it holds no checks.

        Examples
        --------
        >>> checks.save("checks.json")
        >>> list(pf.analysis.Checks.load("checks.json").tables)
        ['heldout', 'uninformed']
        """
        path = Path(path)
        wanted, place = "a file of checks, which `pathfa check` writes", str(path)
        if not path.is_file():
            raise MissingInputError.of("not-checks", "no such file", wanted, _RERUN, place=place)
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise InputError.of("not-checks", f"not JSON ({error})", wanted, _RERUN, place=place) from error
        if not isinstance(content, dict) or content.get("format") != CHECKS_FORMAT:
            raise InputError.of("not-checks", "a JSON file without checks", wanted, _RERUN, place=place)
        if content["format_version"] > CHECKS_FORMAT_VERSION:
            found, wanted = f"format {content['format_version']}", f"format {CHECKS_FORMAT_VERSION} or lower"
            raise InputError.of("not-checks", found, f"{wanted}; update PathFA", _RERUN, place=place)
        tables = {
            name: pd.DataFrame({item["name"]: pd.Series(item["values"], dtype=item["dtype"]) for item in columns})
            for name, columns in content["tables"].items()
        }
        return cls(model=content["model"], tables=tables, not_done=content["not_done"], settings=content["settings"])

    def of(self, result: PathFAResult) -> Checks:
        """Return the checks, if they are of this model.

        Parameters
        ----------
        result
            The result of a model.

        Raises
        ------
        InputError
            If they are of another.

        Examples
        --------
        >>> checks.of(model.result_) is checks
        True
        """
        if self.model != fingerprint(result):
            found = f"checks of a model with {_described(self.model)}"
            expected = f"checks of the model with {_described(fingerprint(result))}"
            raise InputError.of("checks-of-another-model", found, expected, _RERUN, place="checks")
        return self


def run_checks(
    model: object,
    data: object,
    *,
    which: Sequence[str] = tuple(Check),
    folds: int = 5,
    repeats: int = 5,
    resamples: int = 10,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: bool = True,
) -> Checks:
    """Run the checks that refit a model; they take as long as many fits.

    A refit has the number of factors and the loading prior of the model, and at most two starts.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    data
        The cohort that it was fitted to, as for ``PathFA.fit``.
    which
        Names of the checks: ``"heldout"``, ``"uninformed"``, ``"decoys"``, ``"stability"``.
    folds, repeats, resamples
        Folds of ``heldout`` (two fits each), refits of ``decoys``, refits of ``stability``.
    seed
        Seed of everything that is drawn.
    n_jobs
        Refits side by side, one thread each; as many as the process may use cores when None.
    progress
        Whether progress is shown on a terminal.

    Returns
    -------
    Checks
        A table per check; ``not_done`` says which could not be done, and why: a cohort can be too small for one.

    Raises
    ------
    ConfigError
        If there is no check of a name.
    AlignmentError
        If the data have other views or samples than the model.

    Examples
    --------
    >>> checks = pf.run_checks(model, cohort.mdata, which=["uninformed"], progress=False)
    >>> list(checks.tables), checks.not_done
    (['uninformed'], {})
    """
    asked = [choose(Check, name, "which") for name in which]
    result, cohort = as_result(model), as_cohort(data)
    _require_same("view", list(cohort.view_names), result.view_names)
    _require_same("sample", list(cohort.samples), result.sample_names)
    jobs = cpu_count() if n_jobs is None else n_jobs
    starts = int(dict(result.settings.get("parameters", {})).get("n_starts", _MOST_STARTS))
    refit = {"n_starts": min(_MOST_STARTS, starts)}
    many: dict[str, Any] = {"n_jobs": jobs, "seed": seed, "progress": progress, **refit}
    run: dict[Check, Callable[[], pd.DataFrame]] = {
        Check.HELDOUT: lambda: heldout(cohort, model=model, folds=folds, **many),
        Check.UNINFORMED: lambda: uninformed(cohort, model=model, **refit),
        Check.DECOYS: lambda: decoys(cohort, result.gene_sets, model=model, repeats=repeats, **many),
        Check.STABILITY: lambda: stability(cohort, result.gene_sets, model=model, n_resamples=resamples, **many),
    }
    tables, not_done, seconds = {}, {}, {}
    for place, name in enumerate(chosen := list(dict.fromkeys(asked)), start=1):
        if progress:
            logger.info("check %d of %d: %s", place, len(chosen), name)
        began = time.perf_counter()
        try:
            tables[str(name)] = run[name]()
        except PathFAError as error:
            not_done[str(name)] = str(error)
        seconds[str(name)] = round(time.perf_counter() - began, 1)
    settings = {"version": __version__, "seed": seed, "folds": folds, "repeats": repeats, "resamples": resamples}
    settings |= {"starts": refit["n_starts"], "seconds": seconds}
    return Checks(model=fingerprint(result), tables=tables, not_done=not_done, settings=settings)


def _require_same(what: str, found: Sequence[str], expected: Sequence[str]) -> None:
    """Raise unless the data have the views or samples of the model."""
    if set(found) == set(expected):
        return
    strange = [name for name in found if name not in expected]
    lacking = [name for name in expected if name not in found]
    found = f"{count(len(lacking), f'{what} of the model', 'are')} absent and {len(strange)} "
    found += f"{inflect(len(strange), 'are')} not of the model"
    expected, fix = f"the {what}s that the model was fitted to", "give the files that the model was fitted to"
    raise AlignmentError.of("other-data", found, expected, fix, place="data", examples=[*lacking, *strange])


def fingerprint(result: PathFAResult) -> dict[str, Any]:
    """Return what tells one model from another: its log evidence and the names of its factors."""
    return {"log_evidence": round(result.log_evidence, 6), "factors": result.factor_names}


def _described(model: Mapping[str, Any]) -> str:
    return f"{count(len(model['factors']), 'factor')} and a log evidence of {model['log_evidence']:,.3f}"


def _column(table: pd.DataFrame, name: str) -> dict[str, Any]:
    """Return a column as JSON holds it, with None for what is missing or infinite."""
    column = table[name]
    kind = column.dtype.kind if isinstance(column.dtype, np.dtype) else "O"
    known = np.isfinite(column) if kind == "f" else column.notna()
    dtype = {"f": "float64", "i": "int64", "u": "int64", "b": "bool"}.get(kind, "object")
    return {"name": name, "dtype": dtype, "values": column.astype(object).where(known, None).tolist()}
