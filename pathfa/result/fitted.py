"""What a fitted model shows of its result, under the names of scikit-learn: with an underscore at the end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Self, TypeVar, overload

import numpy as np
import pandas as pd

from pathfa.core.errors import NotFittedError
from pathfa.result.intervals import Quantity
from pathfa.result.mudata import as_mudata, fill_slots
from pathfa.result.result import PathFAResult

if TYPE_CHECKING:
    from mudata import MuData

_Value = TypeVar("_Value")


class _Part(Generic[_Value]):
    """An attribute that a model has once it is fitted."""

    def __init__(self, read: Callable[[PathFAResult], _Value]) -> None:
        self.read = read

    @overload
    def __get__(self, model: None, kind: type[FittedAttributes]) -> Self: ...
    @overload
    def __get__(self, model: FittedAttributes, kind: type[FittedAttributes]) -> _Value: ...
    def __get__(self, model: FittedAttributes | None, kind: type[FittedAttributes]) -> Self | _Value:
        return self if model is None else self.read(model._result())


class FittedAttributes:
    """Parts of ``result_``; each raises NotFittedError before the fit."""

    result_: PathFAResult

    view_names_ = _Part(lambda result: result.view_names)
    factor_names_ = _Part(lambda result: result.factor_names)
    scores_ = _Part(lambda result: result.scores)
    gene_set_weights_ = _Part(lambda result: result.gene_set_weights)
    activity_ = _Part(lambda result: result.activity)
    loadings_ = _Part(lambda result: result.loadings)
    loadings_sd_ = _Part(lambda result: result.loadings_sd)
    noise_ = _Part(lambda result: result.noise)
    annotated_share_ = _Part(lambda result: result.annotated_share)
    variance_explained_ = _Part(lambda result: result.variance_explained)
    residual_correlation_ = _Part(lambda result: result.residual_correlation)
    log_evidence_ = _Part(lambda result: result.log_evidence)
    evidence_terms_ = _Part(lambda result: result.evidence_terms)
    converged_ = _Part(lambda result: result.converged)
    n_iter_ = _Part(lambda result: result.n_iter)
    trace_ = _Part(lambda result: result.trace)
    selection_ = _Part(lambda result: result.selection)
    findings_ = _Part(lambda result: result.findings)
    flow_ = _Part(lambda result: result.flow)
    settings_ = _Part(lambda result: result.settings)
    provenance_ = _Part(lambda result: result.provenance)

    def _result(self) -> PathFAResult:
        """Return the result; raise NotFittedError where there is none yet."""
        if "result_" not in vars(self):
            raise NotFittedError("this PathFA is not fitted yet; call fit(data, gene_sets) first")
        return self.result_

    def interval(self, what: Quantity, level: float = 0.95) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return posterior intervals, see ``PathFAResult.interval``."""
        return self._result().interval(what, level)

    def sample_posterior(self, n: int = 100, seed: int = 0, what: Quantity = "activity") -> np.ndarray:
        """Return posterior draws, see ``PathFAResult.sample_posterior``."""
        return self._result().sample_posterior(n, seed, what)

    def save(self, path: str | Path) -> None:
        """Write the fitted model to one HDF5 file."""
        self._result().save(path)

    def to_mudata(self, data: object) -> MuData:
        """Return the data as MuData with the result in its slots.

        ``obsm["X_pathfa"]`` scores, ``obsm["score_pathfa"]`` activities, ``mod[v].varm["pathfa_loadings"]``,
        ``mod[v].varm["gene_sets"]``, ``mod[v].var["pathfa_noise"]``, ``uns["pathfa"]`` the rest.
        """
        return fill_slots(self._result(), as_mudata(data))
