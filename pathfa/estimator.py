"""``PathFA``: the scikit-learn-like front door to the model."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pandas as pd
from sklearn.base import BaseEstimator

from pathfa.core.aliases import also_called
from pathfa.core.errors import LittleKnownWarning, UnitsWarning
from pathfa.data import as_cohort
from pathfa.data.gene_sets.libraries import GeneSetSource, as_gene_sets
from pathfa.data.preprocess.preprocessor import ViewPreprocessor
from pathfa.fit.cost import FitCost, cohort_cost
from pathfa.fit.new_samples.data import NewSamples, impute
from pathfa.fit.new_samples.findings import LITTLE_KNOWN
from pathfa.fit.new_samples.other_units import OTHER_UNITS
from pathfa.fit.run import parameters_of, run, warn_of
from pathfa.options import FitOptions
from pathfa.result.fitted import FittedAttributes, as_mudata
from pathfa.result.result import PathFAResult

if TYPE_CHECKING:
    from mudata import MuData

    from pathfa.fit.run import Data


_WARNED = {OTHER_UNITS: UnitsWarning, LITTLE_KNOWN: LittleKnownWarning}  # what of new samples cannot be passed over


@dataclass(kw_only=True, eq=False, repr=False)
class PathFA(FittedAttributes, BaseEstimator):  # type: ignore[misc]
    """Bayesian factor analysis of matched omics with gene sets in the prior of the loadings.

    The defaults are what PathFA recommends: the evidence chooses what is left at ``"auto"``.

    Parameters
    ----------
    n_factors
        Number of factors, or ``"auto"``: one is added while it brings 2.5 % or more of what all before it brought.
    loading_prior
        ``"strict"``: loadings are the gene-set mask times the gene-set weights (Immer et al. 2024). ``"soft"``:
        loadings scatter around them with a precision learned per view and factor. ``"auto"``: the higher evidence.
    sign
        ``"nonnegative"`` or ``"any"``: signs that gene-set weights may have.
    curvature
        ``"full"``, ``"factor"``, ``"diagonal"`` or ``"auto"``: structure of the Hessian of the gene-set weights.
    noise
        ``"moderated"``, ``"feature"`` or ``"view"``: how the noise variances of a view relate. Evidences compare within
        one of them only: ``"feature"`` has no prior of the noise that could cost anything.
    noise_trend
        Whether moderated noise variances may depend on the mean of the feature before scaling.
    sample_quality
        ``"auto"``: in a view the noise of some samples may be larger than that of others, where the evidence rises by
        it (``sample_quality_``). ``"equal"``: all samples alike. Samples of which there are more than features, all
        complete, are alike, and so are those of left-censored views.
    outlying_values
        ``"auto"``: single values that neither factors nor noise explain are taken for missing, where they are rare and
        the evidence rises by it; of up to 8 million values, in samples that are fitted one by one. ``"kept"``: all
        values count.
    set_members
        ``"auto"``: members of a gene set may not take part in it, where the evidence rises by it, each with a
        probability (``member_probability_``). ``"given"``: all do.
    view_scale
        Scales of the gene-set weights: ``"view"`` one per view, ``"factor"`` one per view and factor (silent in a view
        where it is 0), ``"fixed"`` 1; ``"auto"`` is ``"factor"`` under the soft, ``"view"`` under the strict prior.
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
    max_iter, tol
        A fit stops after ``max_iter`` iterations, or when the log evidence changes by less than ``tol`` nats per
        observed value and iteration.
    max_factors
        Most factors that ``"auto"`` tries; when None a quarter of the samples, but 10 to 40, and at most half of them.
    keep_data
        Whether the fitted values are kept for figures of single genes and concordance; not beyond 50 million of more
        samples than features.
    n_jobs
        Threads: starts run side by side, and the parts of large matrices; all cores when None. The result does not
        depend on it.
    device
        ``"auto"``, ``"cpu"`` or a torch device.
    seed
        Seed of everything that is random: the same seed gives the same result on the same machine. It may be given as
        ``random_state`` too.
    progress
        Whether progress is shown: on a terminal one line, elsewhere a line every half minute through ``logging``.

    Attributes
    ----------
    result_
        The fitted model as a ``PathFAResult``. Its attributes are available here with an underscore at the end, such as
        ``scores_``, ``gene_set_weights_``, ``activity_``, ``loadings_``, ``log_evidence_`` and ``selection_``.

    References
    ----------
    Immer et al. (2024), Bioinformatics 40 (Suppl. 1), i189, doi:10.1093/bioinformatics/btae216.

    Examples
    --------
    >>> model.scores_.shape, model.activity_.shape
    ((40, 2), (40, 8))
    >>> model.factor_names_
    ['F1 set 2 + set 8', 'F2 set 1 + set 5']
    """

    n_factors: int | str = "auto"
    loading_prior: str = "auto"
    sign: str = "nonnegative"
    curvature: str = "auto"
    noise: str = "moderated"
    noise_trend: bool = False
    sample_quality: str = "auto"
    outlying_values: str = "auto"
    set_members: str = "auto"
    view_scale: str = "auto"
    scale: str = "zscore"
    preprocess: Mapping[str, ViewPreprocessor] | None = None
    left_censored: Sequence[str] = ()
    features: str = "all"
    min_set_size: int = 5
    n_starts: int = 4
    max_iter: int = 500
    tol: float = 1e-6
    max_factors: int | None = None
    keep_data: bool = True
    n_jobs: int | None = None
    device: str = "auto"
    seed: int = 0
    progress: bool = True

    def fit(self, data: Data, gene_sets: GeneSetSource) -> Self:
        """Fit the model to a cohort, and return it.

        Parameters
        ----------
        data
            MuData, AnnData or DataFrame (one view), or a mapping from view names to AnnData or DataFrames (samples x
            features). Samples may differ between views; NaN is a missing value. A view without a name is ``"view"``.
        gene_sets
            Gene sets over the feature names: as read, a mapping from their names to their members (or to members with
            weights), a DataFrame with a member per row, a path (GMT; JSON, GMX or GRP; TSV or CSV), or the name of a
            collection that is downloaded, such as ``"msigdb:h.all"`` or ``"enrichr:WikiPathways_2024_Human"``.

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
        FitWarning
            If there is something else that whoever reads the fit must know; ``findings_`` has all of it.

        Examples
        --------
        >>> pf.PathFA(n_factors=2, n_starts=1, progress=False).fit(cohort.mdata, gene_sets).converged_
        True
        """
        self.result_ = run(FitOptions(**self.get_params(deep=False)), data, gene_sets)
        warn_of(self.result_, rest="findings_")
        return self

    def fit_transform(self, data: Data, gene_sets: GeneSetSource) -> pd.DataFrame:
        """Fit the model to a cohort, and return the scores of its samples, samples x factors.

        Parameters
        ----------
        data, gene_sets
            As for ``fit``, which may warn and raise.

        Examples
        --------
        >>> pf.PathFA(n_factors=2, n_starts=1, progress=False).fit_transform(cohort.mdata, gene_sets).shape
        (40, 2)
        """
        return self.fit(data, gene_sets).scores_

    @also_called(random_state="seed")
    def set_params(self, **params: object) -> Self:
        """Set options by their names, as scikit-learn does, and return the model.

        Parameters
        ----------
        params
            Options with their values.

        Examples
        --------
        >>> pf.PathFA().set_params(n_factors=5, random_state=1).seed
        1
        """
        changed: Self = super().set_params(**params)
        return changed

    def plan(self, data: Data, gene_sets: GeneSetSource) -> FitCost:
        """Return what ``fit`` would cost: time of one core, memory, curvature, device; nothing is fitted.

        Parameters
        ----------
        data, gene_sets
            As for ``fit``. Where they are not at hand yet, :func:`pathfa.plan` takes numbers.

        Examples
        --------
        >>> pf.PathFA(n_factors=3).plan(cohort.mdata, gene_sets).n_factors
        3
        """
        return cohort_cost(as_cohort(data), as_gene_sets(gene_sets), FitOptions(**self.get_params(deep=False)))

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
        LittleKnownWarning
            If samples were measured in so few features that little is known of them.

        Examples
        --------
        >>> new = cohort.mdata["rna"].to_df().iloc[:2]  # samples that were measured in one view
        >>> scores, sd = model.transform({"rna": new}, return_std=True)
        >>> scores.shape, bool((sd > 0).all(axis=None))
        ((2, 2), True)
        """
        scores, sd = self._new_samples(data).scores
        return (scores, sd) if return_std else scores

    def activity(
        self, data: Data, view: str | None = None, return_std: bool = False
    ) -> pd.DataFrame | tuple[pd.DataFrame, pd.DataFrame]:
        """Return the activities of the gene sets in new samples, samples x gene sets, in fitted units.

        Parameters
        ----------
        data
            As for ``transform``; any subset of views and features. What was not measured makes the sd wider.
        view
            The view whose members count, measured in these samples or not; those of all views when None.
        return_std
            Whether the posterior sd is returned too.

        Examples
        --------
        >>> new = cohort.mdata["rna"].to_df().iloc[:2]
        >>> activity, sd = model.activity({"rna": new}, return_std=True)
        >>> activity.shape
        (2, 8)
        """
        mean, sd = self._new_samples(data).activity(view)
        return (mean, sd) if return_std else mean

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

        Examples
        --------
        >>> new = cohort.mdata["rna"].to_df().iloc[:2]
        >>> protein, sd = model.predict({"rna": new}, "protein", return_std=True)
        >>> protein.shape
        (2, 73)
        """
        mean, sd = self._new_samples(data).expected(view)
        return (mean, sd) if return_std else mean

    def impute(self, data: Data) -> MuData:
        """Return the data as MuData with missing values filled and their sd in the layer ``imputed_sd``.

        A missing value of a view that was declared ``left_censored`` is filled below the detection limit of its
        feature. Features that preprocessing dropped stay as they are, and ``predict`` fills views that samples lack.

        Parameters
        ----------
        data
            As for ``transform``.

        Examples
        --------
        >>> filled = model.impute(cohort.mdata)["protein"]
        >>> bool(cohort.mdata["protein"].to_df().isna().any(axis=None)), bool(filled.to_df().isna().any(axis=None))
        (True, False)
        >>> sorted(name for name in filled.layers if name)
        ['imputed_sd']
        """
        return impute(self._new_samples(data), as_mudata(data))

    def _new_samples(self, data: Data) -> NewSamples:
        samples = NewSamples(self.result_, as_cohort(data))
        for finding in samples.findings:
            if finding.code in _WARNED:
                warnings.warn(str(finding), _WARNED[finding.code], stacklevel=3)
        return samples

    @classmethod
    def load(cls, path: str | Path) -> PathFA:
        """Return the model that ``save`` wrote, with identical numbers.

        Parameters
        ----------
        path
            The file.

        Examples
        --------
        >>> model.save("model.h5")
        >>> pf.PathFA.load("model.h5").scores_.equals(model.scores_)
        True
        """
        result = PathFAResult.load(path)
        model = cls(**parameters_of(result))
        model.result_ = result
        return model


PathFA.__init__ = also_called(random_state="seed")(PathFA.__init__)  # type: ignore[method-assign]
