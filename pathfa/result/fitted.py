"""What a fitted model shows of its result: attributes under the names of scikit-learn, and the slots of MuData."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import numpy as np
import pandas as pd

from pathfa.core.errors import AlignmentError
from pathfa.core.findings import Findings
from pathfa.core.not_fitted import NotFittedError
from pathfa.core.text import count
from pathfa.core.views_apart import views_apart
from pathfa.data import read_cohort
from pathfa.result.intervals import Quantity
from pathfa.result.result import PathFAResult
from pathfa.result.shown import as_html, as_text

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
        return self if model is None else self.read(model.result_)


class _NotYet:
    """What a model has in the place of its result until it is fitted."""

    def __get__(self, model: object, kind: type) -> Self:
        if model is not None:
            raise NotFittedError(f"this {kind.__name__} is not fitted yet; call fit(data, gene_sets) first")
        return self


class FittedAttributes:
    """Parts of ``result_``; each raises NotFittedError before the fit."""

    result_: PathFAResult
    if not TYPE_CHECKING:
        result_ = _NotYet()

    view_names_ = _Part(lambda result: result.view_names)
    factor_names_ = _Part(lambda result: result.factor_names)
    scores_ = _Part(lambda result: result.scores)
    gene_set_weights_ = _Part(lambda result: result.gene_set_weights)
    activity_ = _Part(lambda result: result.activity)
    view_activity_ = _Part(lambda result: result.view_activity)
    factor_activity_ = _Part(lambda result: result.factor_activity)
    activity_source_ = _Part(lambda result: result.activity_source)
    loadings_ = _Part(lambda result: result.loadings)
    loadings_sd_ = _Part(lambda result: result.loadings_sd)
    noise_ = _Part(lambda result: result.noise)
    sample_quality_ = _Part(lambda result: result.sample_quality)
    member_probability_ = _Part(lambda result: result.members)
    annotated_share_ = _Part(lambda result: result.annotated_share)
    variance_explained_ = _Part(lambda result: result.variance_explained)
    residual_correlation_ = _Part(lambda result: result.residual_correlation)
    log_evidence_ = _Part(lambda result: result.log_evidence)
    evidence_terms_ = _Part(lambda result: result.evidence_terms)
    converged_ = _Part(lambda result: result.converged)
    n_iter_ = _Part(lambda result: result.n_iter)
    trace_ = _Part(lambda result: result.trace)
    selection_ = _Part(lambda result: result.selection)
    findings_ = _Part(lambda result: Findings(result.findings))
    flow_ = _Part(lambda result: result.flow)
    settings_ = _Part(lambda result: result.settings)
    provenance_ = _Part(lambda result: result.provenance)

    def __dir__(self) -> list[str]:
        parts = {name for name, value in vars(FittedAttributes).items() if isinstance(value, _Part | _NotYet)}
        return sorted(name for name in super().__dir__() if "result_" in vars(self) or name not in parts)

    def __repr__(self, *args: Any, **kwargs: Any) -> str:
        if "result_" in vars(self):
            return as_text(self.result_)
        return super().__repr__(*args, **kwargs)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if "result_" in vars(self):
            return {"text/plain": as_text(self.result_), "text/html": as_html(self.result_)}
        return super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]  # that of scikit-learn, beside this class

    def _repr_html_(self) -> Any:
        """Return the same for what asks for HTML alone."""
        return self._repr_mimebundle_().get("text/html")

    def get_feature_names_out(self, input_features: object = None) -> np.ndarray:  # noqa: ARG002 - as scikit-learn asks
        """Return the names of the columns of ``transform``, the factors.

        Parameters
        ----------
        input_features
            As scikit-learn asks; it makes no difference.

        Examples
        --------
        >>> list(model.get_feature_names_out()) == model.factor_names_
        True
        """
        return np.array(self.result_.factor_names, dtype=object)

    def interval(self, what: Quantity, level: float = 0.95) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return posterior intervals, see ``PathFAResult.interval``.

        Parameters
        ----------
        what
            ``"activity"``, ``"factor_activity"``, ``"scores"`` or ``"gene_set_weights"``.
        level
            Posterior probability inside the interval, between 0 and 1.

        Examples
        --------
        >>> lower, upper = model.interval("activity", level=0.9)
        >>> bool((lower < model.activity_).all(axis=None) and (model.activity_ < upper).all(axis=None))
        True
        """
        return self.result_.interval(what, level)

    def sample_posterior(self, n: int = 100, seed: int = 0, what: Quantity = "activity") -> np.ndarray:
        """Return posterior draws, see ``PathFAResult.sample_posterior``.

        Parameters
        ----------
        n, seed
            Number of draws; the same seed gives the same draws.
        what
            ``"activity"``, ``"factor_activity"``, ``"scores"`` or ``"gene_set_weights"``.

        Examples
        --------
        >>> model.sample_posterior(n=5, seed=0).shape  # draws x samples x gene sets
        (5, 40, 8)
        """
        return self.result_.sample_posterior(n, seed, what)

    def save(self, path: str | Path) -> None:
        """Write the fitted model to one HDF5 file.

        Parameters
        ----------
        path
            The file, such as ``model.h5``.

        Examples
        --------
        >>> model.save("model.h5")
        """
        self.result_.save(path)

    def to_mudata(self, data: object, copy: bool = True) -> MuData:
        """Return the data as MuData with the result in its slots.

        Parameters
        ----------
        data
            The training cohort, as for ``fit``.
        copy
            Whether a MuData stays as it is; with False its own slots are filled, and it is what is returned.

        Notes
        -----
        ``obsm["X_pathfa"]`` scores, ``obsm["score_pathfa"]`` activities, ``mod[v].varm["pathfa_loadings"]``,
        ``mod[v].varm["gene_sets"]`` (members, or their weights where the collection has any),
        ``mod[v].var["pathfa_noise"]``, ``uns["pathfa"]`` the rest.

        Examples
        --------
        >>> data = model.to_mudata(cohort.mdata)
        >>> data.obsm["X_pathfa"].shape, data["rna"].varm["pathfa_loadings"].shape
        ((40, 2), (73, 2))
        """
        return fill_slots(self.result_, as_mudata(data), copy=copy)


def as_mudata(data: Any) -> MuData:
    """Return data in any form that ``fit`` takes as MuData."""
    from mudata import MuData

    return data if isinstance(data, MuData) else read_cohort(data)


def copied(mdata: MuData) -> MuData:
    """Return a copy in memory; that views share names of features is meant, so nothing is said of it."""
    from mudata import read_h5mu

    with warnings.catch_warnings(), views_apart():
        warnings.filterwarnings("ignore", message=".*var_names are (not unique|intersecting).*")
        if not mdata.isbacked:
            return mdata.copy()
        with TemporaryDirectory() as folder:  # a backed one can be copied to a file only
            mdata.copy(filename=str(Path(folder) / "copy.h5mu")).file.close()
            return read_h5mu(Path(folder) / "copy.h5mu")


def fill_slots(result: PathFAResult, mdata: MuData, *, copy: bool = True) -> MuData:
    """Return the data, or a copy of them, with scores, activities, loadings and settings in their slots.

    Raises
    ------
    AlignmentError
        If the data have other samples than the fit.
    """
    missing = mdata.obs_names.difference(result.scores.index)
    if len(missing):
        found = f"{count(len(missing), 'sample')} that the model was not fitted to"
        fix = "use transform for new samples"
        raise AlignmentError.of("other-samples", found, "the training cohort", fix, examples=missing)
    filled = copied(mdata) if copy else mdata
    names = filled.obs_names
    filled.obsm["X_pathfa"] = result.scores.loc[names].to_numpy()
    filled.obsm["score_pathfa"] = result.activity.loc[names]
    weighted = any((mask.data != 1).any() for mask in result.masks.values())
    for view in result.view_names:
        if view not in filled.mod:
            continue
        data, table = filled.mod[view], result.loadings[view]
        rows = table.index.get_indexer(data.var_names)
        loadings = np.full((data.n_vars, table.shape[1]), np.nan)
        loadings[rows >= 0] = table.to_numpy()[rows[rows >= 0]]
        data.varm["pathfa_loadings"] = loadings
        mask = np.zeros((data.n_vars, len(result.gene_set_names)))
        mask[rows >= 0] = result.masks[view][rows[rows >= 0]].toarray()
        members = mask if weighted else mask != 0
        data.varm["gene_sets"] = pd.DataFrame(members, index=data.var_names, columns=result.gene_set_names)
        data.var["pathfa_noise"] = result.noise[view].reindex(data.var_names).to_numpy()
    tables = ("gene_set_weights", "alpha", "omega", "view_scale", "loading_intercepts")
    filled.uns["pathfa"] = {
        "factor_names": np.array(result.factor_names, dtype=object),
        "gene_set_names": np.array(result.gene_set_names, dtype=object),
        **{name: getattr(result, name).to_numpy() for name in tables},
        "log_evidence": result.log_evidence,
        "settings": json.dumps(result.settings),
    }
    return filled
