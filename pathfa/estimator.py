"""``PathFA``: the scikit-learn-like front door to the model."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator

from pathfa.core.errors import ConvergenceWarning, NotFittedError
from pathfa.data import Cohort, GeneSets, as_cohort
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.fit.new_data import impute, predict, score
from pathfa.fit.run import run
from pathfa.result.intervals import Quantity
from pathfa.result.judgement import NOT_CONVERGED
from pathfa.result.mudata import as_mudata, fill_slots
from pathfa.result.result import PathFAResult

if TYPE_CHECKING:
    from typing import TypeAlias

    from anndata import AnnData
    from mudata import MuData

    Data: TypeAlias = MuData | AnnData | Mapping[str, AnnData | pd.DataFrame] | Cohort

_FITTED = {
    "view_names_", "factor_names_", "scores_", "gene_set_weights_", "activity_", "loadings_", "loadings_sd_", "noise_",
    "annotated_share_", "variance_explained_", "residual_correlation_", "log_evidence_", "evidence_terms_",
    "converged_", "n_iter_", "trace_", "selection_", "findings_", "flow_", "settings_", "provenance_",
}  # fmt: skip


class PathFA(BaseEstimator):  # type: ignore[misc]
    """Bayesian factor analysis of matched omics with gene sets in the prior of the loadings.

    The defaults are what PathFA recommends: the evidence chooses what is left at ``"auto"``.

    Parameters
    ----------
    n_factors
        Number of factors, or ``"auto"``: one is added while it brings at least 2.5 % of the evidence that all before it
        have brought.
    loading_prior
        ``"strict"``: loadings are the gene-set mask times the gene-set weights (Immer et al. 2024). ``"soft"``:
        loadings scatter around them with a precision learned per view and factor. ``"auto"``: the one with the higher
        evidence.
    sign
        ``"nonnegative"`` or ``"any"``: signs that gene-set weights may have.
    curvature
        ``"full"``, ``"factor"``, ``"diagonal"`` or ``"auto"``: structure of the Hessian of the gene-set weights.
    noise
        ``"moderated"``, ``"feature"`` or ``"view"``: how the noise variances of a view relate. Evidences compare within
        one of them only: ``"feature"`` has no prior of the noise that could cost anything.
    noise_trend
        Whether moderated noise variances may depend on the mean of the feature before scaling.
    view_scale
        How much gene-set weights count in each view: ``"view"`` one scale per view, ``"factor"`` one per view and
        factor, so that a factor can be silent in a view, ``"fixed"`` 1 everywhere; ``"auto"`` is per factor under the
        soft prior and per view under the strict one.
    scale
        Scaling of every feature on the training cohort: ``"zscore"``, ``"center"`` or ``"none"``.
    preprocess
        Per view a ``ViewPreprocessor``, for views that need more than ``scale``.
    left_censored
        Views whose missing entries lie below the smallest measured value of their feature, as in proteomics where low
        proteins are not detected. In other views entries count as missing for reasons unrelated to their values.
    features
        ``"all"``: features outside every gene set count too, under the soft prior. ``"annotated"``: they are left out.
    min_set_size
        Gene sets with fewer measured members are left out.
    n_starts
        Starts per number of factors.
    only_start
        Number of the only start that runs, 1 to ``n_starts``; all of them when None. Starts that were fitted in
        processes of their own are put together by :func:`pathfa.select`.
    max_iter, tol
        A fit stops after ``max_iter`` iterations, or when the log evidence changes by less than ``tol`` nats per
        observed value twice in a row.
    max_factors
        Most factors that ``n_factors="auto"`` tries; when None a quarter of the samples, but 10 to 40, and never more
        than half of the samples.
    keep_data
        Whether the fitted values are kept for figures of single genes and concordance.
    n_jobs
        Starts that run side by side, one thread each; as many as the process may use cores when None. The result does
        not depend on it.
    device
        ``"auto"``, ``"cpu"`` or a torch device.
    seed
        Seed of everything that is random: the same seed gives the same result on the same machine.
    progress
        Whether progress is shown: on a terminal one line, elsewhere a line every half minute through ``logging``.

    Attributes
    ----------
    result_
        The fitted model as a ``PathFAResult``. Its attributes are available here with an underscore at the end:
        ``scores_``, ``gene_set_weights_``, ``activity_``, ``loadings_``, ``noise_``, ``annotated_share_``,
        ``variance_explained_``, ``log_evidence_``, ``evidence_terms_``, ``converged_``, ``n_iter_``, ``trace_``,
        ``selection_``, ``view_names_``, ``factor_names_``.

    References
    ----------
    Immer et al. (2024), Bioinformatics 40 (Suppl. 1), i189, doi:10.1093/bioinformatics/btae216.

    Examples
    --------
    >>> import pathfa as pf
    >>> cohort = pf.simulate(n_samples=40, seed=0)
    >>> model = pf.PathFA(n_factors=3, progress=False).fit(cohort.mdata, cohort.gene_sets)
    >>> model.activity_.shape[0]
    40
    """

    result_: PathFAResult

    def __init__(
        self,
        *,
        n_factors: int | str = "auto",
        loading_prior: str = "auto",
        sign: str = "nonnegative",
        curvature: str = "auto",
        noise: str = "moderated",
        noise_trend: bool = False,
        view_scale: str = "auto",
        scale: str = "zscore",
        preprocess: Mapping[str, ViewPreprocessor] | None = None,
        left_censored: Sequence[str] = (),
        features: str = "all",
        min_set_size: int = 5,
        n_starts: int = 4,
        only_start: int | None = None,
        max_iter: int = 500,
        tol: float = 1e-6,
        max_factors: int | None = None,
        keep_data: bool = True,
        n_jobs: int | None = None,
        device: str = "auto",
        seed: int = 0,
        progress: bool = True,
    ) -> None:
        self.n_factors = n_factors
        self.loading_prior = loading_prior
        self.sign = sign
        self.curvature = curvature
        self.noise = noise
        self.noise_trend = noise_trend
        self.view_scale = view_scale
        self.scale = scale
        self.preprocess = preprocess
        self.left_censored = left_censored
        self.features = features
        self.min_set_size = min_set_size
        self.n_starts = n_starts
        self.only_start = only_start
        self.max_iter = max_iter
        self.tol = tol
        self.max_factors = max_factors
        self.keep_data = keep_data
        self.n_jobs = n_jobs
        self.device = device
        self.seed = seed
        self.progress = progress

    def fit(self, data: Data, gene_sets: GeneSets | Mapping[str, Sequence[str]]) -> Self:
        """Fit the model to a cohort.

        Parameters
        ----------
        data
            MuData, AnnData (one view), or a mapping from view names to AnnData or DataFrames (samples x features).
            Samples may differ between views; NaN is a missing value.
        gene_sets
            Gene sets over the feature names.

        Returns
        -------
        PathFA
            The model itself, fitted.

        Raises
        ------
        ConfigError
            If an option has a value that it cannot have.
        InputError, AlignmentError, GeneSetError
            If the data or the gene sets cannot be used; ``error.findings`` lists every reason.

        Warns
        -----
        ConvergenceWarning
            If the fit stopped before it met its convergence criterion.
        """
        self.result_ = run(self, data, gene_sets)
        for finding in self.result_.findings:
            if finding.code == NOT_CONVERGED:
                warnings.warn(str(finding), ConvergenceWarning, stacklevel=2)
        return self

    def transform(self, data: Data, return_std: bool = False) -> pd.DataFrame | tuple[pd.DataFrame, pd.DataFrame]:
        """Return the scores of new samples from whatever views they have, samples x factors.

        Parameters
        ----------
        data
            As for ``fit``; any subset of the views. Preprocessing is that of the training cohort.
        return_std
            Whether the posterior sd is returned too.

        Warns
        -----
        UnitsWarning
            If values, by their distance, sign or range, cannot be in the units of the training cohort.
        """
        result = self._result()
        cohort = as_cohort(data)
        posterior = score(result, cohort)
        scores = pd.DataFrame(posterior.mean.numpy(), index=cohort.samples, columns=result.scores.columns)
        if not return_std:
            return scores
        return scores, pd.DataFrame(posterior.variance.sqrt().numpy(), index=scores.index, columns=scores.columns)

    def predict(
        self, data: Data, view: str, return_std: bool = False
    ) -> pd.DataFrame | tuple[pd.DataFrame, pd.DataFrame]:
        """Return expected values of a view for samples that may lack it, in the units given, samples x features.

        Parameters
        ----------
        data
            As for ``transform``.
        view
            The view to predict.
        return_std
            Whether the sd of the prediction is returned too, the noise included.
        """
        mean, sd = predict(self._result(), as_cohort(data), view)
        return (mean, sd) if return_std else mean

    def impute(self, data: Data) -> MuData:
        """Return the data as MuData with missing values filled and their sd in the layer ``imputed_sd``.

        A missing value of a view that was declared ``left_censored`` is filled below the detection limit of its
        feature. Features that preprocessing dropped stay as they are. Samples that lack a view are not added to it:
        ``predict`` gives their values.
        """
        return impute(self._result(), as_cohort(data), as_mudata(data))

    def interval(self, what: Quantity, level: float = 0.95) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return posterior intervals, see ``PathFAResult.interval``."""
        return self._result().interval(what, level)

    def sample_posterior(self, n: int = 100, seed: int = 0, what: Quantity = "activity") -> np.ndarray:
        """Return posterior draws, see ``PathFAResult.sample_posterior``."""
        return self._result().sample_posterior(n, seed, what)

    def save(self, path: str | Path) -> None:
        """Write the fitted model to one HDF5 file."""
        self._result().save(path)

    @classmethod
    def load(cls, path: str | Path) -> PathFA:
        """Return the model that ``save`` wrote, with identical numbers."""
        result = PathFAResult.load(path)
        names = cls._get_param_names()
        options = {name: value for name, value in result.settings["parameters"].items() if name in names}
        options["preprocess"] = {view: ViewPreprocessor(**item) for view, item in options["preprocess"].items()}
        model = cls(**options)
        model.result_ = result
        return model

    def to_mudata(self, data: Data) -> MuData:
        """Return the data as MuData with the result in its slots.

        ``obsm["X_pathfa"]`` scores, ``obsm["score_pathfa"]`` activities, ``mod[v].varm["pathfa_loadings"]``,
        ``mod[v].varm["gene_sets"]``, ``mod[v].var["pathfa_noise"]``, ``uns["pathfa"]`` the rest.
        """
        return fill_slots(self._result(), as_mudata(data))

    def __getattr__(self, name: str) -> Any:
        if name in _FITTED:
            return getattr(self._result(), name[:-1])
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def _result(self) -> PathFAResult:
        if "result_" not in self.__dict__:
            raise NotFittedError("this PathFA is not fitted yet; call fit(data, gene_sets) first")
        return self.result_
