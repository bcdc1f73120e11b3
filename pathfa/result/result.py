"""What a fit found, with labels: tables, intervals, draws, and one file that holds it all."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp

from pathfa.core.findings import Finding
from pathfa.core.text import count
from pathfa.result.derived import DerivedTables
from pathfa.result.intervals import Quantity, draw, interval
from pathfa.result.labels import renamed
from pathfa.result.storage import pack_result, read_model, unpack_result, write_model


@dataclass(frozen=True, kw_only=True, repr=False)
class PathFAResult(DerivedTables):
    """A fitted model.

    Everything is in fitted units: those after preprocessing, z-scores by default. N samples, K factors, P gene sets,
    G features of a view.

    Attributes
    ----------
    scores
        Posterior mean of the factor scores, N x K.
    score_cov, score_pattern
        Their covariances, R x K x K, and which of them each sample has, N.
    gene_set_weights, alpha
        Gene-set weights U and their ARD precisions, P x K; 0 and infinity where pruned.
    gene_set_probability
        Probability that a gene set belongs to a factor at all, P x K.
    slab_mean, slab_sd
        Gaussian of the weight if it does, before its truncation at 0, P x K.
    weight_blocks
        Per block the active weights as positions in U flattened factor by factor, and their covariance.
    loadings
        Per view the posterior mean of the loadings, G x K.
    loadings_cov
        Per view the covariance of the loadings of each feature, lower triangles row by row, G x K (K + 1) / 2.
    noise
        Per view the noise sd, G.
    residual_correlation
        Of every feature that several views measure, the correlation of its residuals between each pair of them,
        features x pairs; NaN where one of the two lacks it. See ``pathfa.inference.posterior.residuals``.
    sample_quality, sample_quality_sd
        Noise precision of each sample in each view relative to that of the cohort, and its posterior sd, N x views: a
        sample with 0.25 has twice the noise sd; 1 and 0 where all are alike, NaN where a sample lacks the view.
    sample_quality_prior
        Per view the degrees of freedom of the prior of the qualities, infinite where all are alike, and its mean,
        views x 2.
    omega, view_scale, loading_intercepts
        Prior precision of the loadings, scale of the gene-set weights, and intercept of the loadings: the level that
        the loadings of all features of a view share, K x views.
    variance_explained
        R2 per factor and view, with a row ``total``.
    evidence_terms
        Named terms of the log evidence, nats.
    trace
        Log evidence per iteration.
    selection
        One row per candidate that was fitted.
    converged
        Whether the chosen fit met its convergence criterion.
    gene_sets
        Members of every gene set, as they were given: a list, or a mapping to their weights where there are any.
    masks
        Per view the gene-set mask, G x P.
    member_probability
        Per view the probability that each member of a gene set takes part in it, G x P; 1 for all members of sets
        without a weight, and where the evidence does not rise by members that do not take part.
    activity, activity_sd
        Activity of every gene set in every sample, all views together, and its posterior sd, N x P: the mean over the
        members of the set of what factors and effects of sets explain. See ``pathfa.inference.posterior.activity``.
    view_activity, view_activity_sd
        Per view the same of the features of that view, N x P; NaN for gene sets without a member in it.
    set_effect_sd
        Sd over samples of what each gene set does in each view beyond the factors, P x views; 0 where nothing.
    shared_effect_sd
        The same of what all features of a view share, views.
    set_effect_correlation
        Correlation of the effects of one gene set between the views, views x views.
    detection_limits
        Per left-censored view the detection limit of each feature in fitted units, G.
    presence
        Which sample was measured in which view, N x views.
    obs
        Covariates of the samples, N rows.
    data
        Per view the values that were fitted, N x G with NaN where missing, or empty when they were not kept.
    view_scores
        Per view the scores from that view alone, N x K, NaN where the sample was not measured in it.
    preprocessing
        Per view the fitted preprocessing, as arrays.
    calibration
        Maps from the scores of a subset of views to the scores of all, see ``pathfa.inference.posterior.calibration``.
    flow
        How many samples and features were left after each step.
    findings
        What was found wrong with the input, repaired or worth knowing.
    settings
        Every option, as it was resolved.
    provenance
        Versions, seed, times, inputs and their checksums.

    Examples
    --------
    >>> model.result_
    PathFAResult(40 samples, views rna, protein, 2 factors, log evidence -6808.6)
    >>> model.result_.gene_set_weights.shape, list(model.result_.loadings)
    ((8, 2), ['rna', 'protein'])
    """

    scores: pd.DataFrame
    score_cov: np.ndarray
    score_pattern: np.ndarray
    gene_set_weights: pd.DataFrame
    alpha: pd.DataFrame
    gene_set_probability: pd.DataFrame
    slab_mean: pd.DataFrame
    slab_sd: pd.DataFrame
    weight_blocks: tuple[tuple[np.ndarray, np.ndarray], ...]
    loadings: dict[str, pd.DataFrame]
    loadings_cov: dict[str, np.ndarray]
    noise: dict[str, pd.Series[float]]
    residual_correlation: pd.DataFrame
    sample_quality: pd.DataFrame
    sample_quality_sd: pd.DataFrame
    sample_quality_prior: pd.DataFrame
    omega: pd.DataFrame
    view_scale: pd.DataFrame
    loading_intercepts: pd.DataFrame
    variance_explained: pd.DataFrame
    evidence_terms: dict[str, float]
    trace: pd.DataFrame
    selection: pd.DataFrame
    converged: bool
    gene_sets: dict[str, list[str] | dict[str, float]]
    masks: dict[str, sp.csr_matrix]
    member_probability: dict[str, sp.csr_matrix]
    activity: pd.DataFrame
    activity_sd: pd.DataFrame
    view_activity: dict[str, pd.DataFrame]
    view_activity_sd: dict[str, pd.DataFrame]
    set_effect_sd: pd.DataFrame
    shared_effect_sd: pd.Series[float]
    set_effect_correlation: pd.DataFrame
    presence: pd.DataFrame
    obs: pd.DataFrame
    data: dict[str, pd.DataFrame]
    view_scores: dict[str, pd.DataFrame]
    preprocessing: dict[str, dict[str, Any]]
    calibration: dict[str, dict[str, np.ndarray]]
    flow: pd.DataFrame
    findings: tuple[Finding, ...]
    settings: dict[str, Any]
    provenance: dict[str, Any] = field(default_factory=dict)
    detection_limits: dict[str, pd.Series[float]] = field(default_factory=dict)

    def __repr__(self) -> str:
        samples, factors = count(len(self.scores), "sample"), count(len(self.factor_names), "factor")
        views = ", ".join(self.view_names)
        return f"PathFAResult({samples}, views {views}, {factors}, log evidence {self.log_evidence:.1f})"

    @property
    def view_names(self) -> list[str]:
        """Names of the views."""
        return list(self.loadings)

    @property
    def sample_names(self) -> list[str]:
        """Names of the samples."""
        return [str(name) for name in self.scores.index]

    @property
    def factor_names(self) -> list[str]:
        """Names of the factors."""
        return [str(name) for name in self.scores.columns]

    @property
    def gene_set_names(self) -> list[str]:
        """Names of the gene sets that were used."""
        return [str(name) for name in self.gene_set_weights.index]

    @property
    def n_iter(self) -> int:
        """Number of iterations of the chosen fit."""
        return len(self.trace)

    @property
    def log_evidence(self) -> float:
        """Log evidence, nats."""
        return math.fsum(self.evidence_terms.values())  # whatever their order: a file has its own

    def interval(self, what: Quantity, level: float = 0.95) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return lower and upper limits of central posterior intervals.

        Parameters
        ----------
        what
            ``"activity"``, ``"factor_activity"``, ``"scores"`` or ``"gene_set_weights"``.
        level
            Posterior probability inside the interval, between 0 and 1.

        Returns
        -------
        tuple of DataFrame
            Two tables with the labels of the quantity.

        Raises
        ------
        ConfigError
            If ``what`` is not one of these or ``level`` is not between 0 and 1.

        Examples
        --------
        >>> lower, upper = model.result_.interval("scores")
        >>> lower.shape
        (40, 2)
        """
        return interval(self.posterior, what, level)

    def sample_posterior(self, n: int = 100, seed: int = 0, what: Quantity = "activity") -> np.ndarray:
        """Return draws from the posterior, n x rows x columns of the quantity.

        Parameters
        ----------
        n
            Number of draws.
        seed
            Seed; the same seed gives the same draws.
        what
            ``"activity"``, ``"factor_activity"``, ``"scores"`` or ``"gene_set_weights"``.

        Examples
        --------
        >>> model.result_.sample_posterior(n=5, what="scores").shape  # draws x samples x factors
        (5, 40, 2)
        """
        return draw(self.posterior, n, seed, what)

    @property
    def nonnegative(self) -> bool:
        """Whether gene-set weights cannot be negative."""
        return bool(self.settings["sign"] == "nonnegative")

    def rename_factors(self, names: Mapping[str, str]) -> PathFAResult:
        """Return the result with other names for some factors, keyed by the present full name or the id (``"F1"``).

        Parameters
        ----------
        names
            Other names by present name or id.

        Raises
        ------
        ConfigError
            If a key is no factor or two factors would share a name.

        Examples
        --------
        >>> model.result_.rename_factors({"F1": "proliferation"}).factor_names[0]
        'proliferation'
        """
        index = pd.Index(renamed(self.factor_names, names))
        tables = ("scores", "gene_set_weights", "alpha", "gene_set_probability", "slab_mean", "slab_sd")
        changed: dict[str, Any] = {name: getattr(self, name).set_axis(index, axis=1) for name in tables}
        for name in ("loadings", "view_scores"):
            changed[name] = {view: table.set_axis(index, axis=1) for view, table in getattr(self, name).items()}
        for name in ("omega", "view_scale", "loading_intercepts"):
            changed[name] = getattr(self, name).set_axis(index, axis=0)
        return replace(self, **changed, variance_explained=self.variance_explained.set_axis([*index, "total"], axis=0))

    def save(self, path: str | Path) -> None:
        """Write the result to one HDF5 file; it appears only when it is complete.

        Parameters
        ----------
        path
            The file, such as ``model.h5``.

        Examples
        --------
        >>> model.result_.save("model.h5")
        """
        write_model(path, pack_result({item.name: getattr(self, item.name) for item in fields(self)}))

    @classmethod
    def load(cls, path: str | Path) -> PathFAResult:
        """Return the result that ``save`` wrote; every number is identical.

        Parameters
        ----------
        path
            The file.

        Raises
        ------
        MissingInputError, InputError
            If there is no such file, or it holds no model or a damaged one.

        Examples
        --------
        >>> model.result_.save("model.h5")
        >>> pf.PathFAResult.load("model.h5").log_evidence == model.result_.log_evidence
        True
        """
        needed = [item.name for item in fields(cls) if item.default_factory is MISSING]
        return cls(**unpack_result(read_model(path), path, needed))


def as_result(source: object) -> PathFAResult:
    """Return the result of a fitted ``PathFA``, a result as it is, or the one in a model file.

    Raises
    ------
    InputError
        If the file cannot be read.
    NotFittedError
        If the model is not fitted.
    TypeError
        If it is none of these.
    """
    if isinstance(source, PathFAResult):
        return source
    if isinstance(source, str | Path):
        return PathFAResult.load(source)
    if hasattr(type(source), "result_"):
        result: PathFAResult = source.result_  # type: ignore[attr-defined]
        return result
    raise TypeError(f"found {type(source).__name__}; expected a fitted PathFA, a PathFAResult or the path of a model")
