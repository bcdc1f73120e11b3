"""How an outcome depends on activities: credible shape functions, chosen by the evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from pathfa.analysis.association.covariates import MIN_SAMPLES, VariableType, read_covariate
from pathfa.analysis.association.design import unseen_table
from pathfa.analysis.association.tables import COLUMNS, FeatureLevel, check_confidence, find_features, level_table
from pathfa.analysis.outcome.additive import Basis, Likelihood, Tuned, tune
from pathfa.core.errors import ConfigError
from pathfa.core.text import count
from pathfa.result.result import as_result

_N_KNOTS = 4
_GRID = 100
_N_DRAWS = 2000  # behind the limits of the size of a shape function


@dataclass(frozen=True, kw_only=True)
class OutcomeModel:
    """A fitted additive model.

    Attributes
    ----------
    outcome
        Name of the outcome; for a binary one with its levels, ``"MSI: MSI-H vs MSS"``.
    likelihood
        ``"gaussian"`` or ``"bernoulli"``.
    features
        Names of the P features that were offered.
    log_evidence
        Laplace log evidence, nats.

    Examples
    --------
    >>> outcome = pf.outcome_model(model, "marker")
    >>> outcome.predict(model.scores_).shape
    (40, 2)
    """

    outcome: str
    likelihood: Likelihood
    features: tuple[str, ...]
    log_evidence: float
    x: np.ndarray
    y: np.ndarray
    centre: float
    spread: float
    basis: Basis
    tuned: Tuned

    def table(self, confidence: float = 0.95) -> pd.DataFrame:
        """Return what each feature adds.

        Parameters
        ----------
        confidence
            Of the intervals, between 0 and 1.

        Returns
        -------
        DataFrame
            One row per feature, strongest first: ``covariate`` (the outcome), ``feature``, ``effect`` (sd over the
            samples of its shape function, in sd of a numeric outcome or log odds) with ``lower``, ``upper``,
            ``statistic`` (log evidence lost without it, nats), ``p``, ``q``
            (NaN: the evidence selects), ``n``, ``test``, ``note``, ``selected``, ``shape`` (``"linear"`` or
            ``"smooth"``), ``slope`` (of its linear part per sd of the feature) with ``slope_lower``, ``slope_upper``.

        Examples
        --------
        >>> pf.outcome_model(model, "marker").table()["feature"].tolist() == model.factor_names_
        True
        """
        check_confidence(confidence)
        rows = []
        design = self.basis(self.x)
        for p, name in enumerate(self.features):
            parts = [part for part in self.tuned.parts if part.feature == p]
            row = {"feature": name, "effect": float(self._shape(p, self.x[:, p])[0].std()), "selected": bool(parts)}
            slope, sd = self._slope(p)
            row |= {"slope": slope, "statistic": 0.0, "note": "not needed", "shape": ""}
            if parts:
                half = stats.norm.ppf(0.5 + 0.5 * confidence) * sd
                row["lower"], row["upper"] = self._size_limits(p, confidence)
                row |= {"slope_lower": slope - half, "slope_upper": slope + half, "statistic": self._lost(design, p)}
                row |= {"note": "", "shape": "smooth" if any(part.smooth for part in parts) else "linear"}
            rows.append(row)
        table = pd.DataFrame(rows).sort_values("statistic", ascending=False, kind="stable")
        table = table.assign(covariate=self.outcome, n=len(self.y), test=f"additive model, {self.likelihood}")
        columns = [*COLUMNS, "selected", "shape", "slope", "slope_lower", "slope_upper"]
        return table.reindex(columns=columns).reset_index(drop=True)

    def shapes(self, confidence: float = 0.95) -> pd.DataFrame:
        """Return the shape functions of the selected features with credible bands.

        Parameters
        ----------
        confidence
            Of the intervals, between 0 and 1.

        Returns
        -------
        DataFrame
            100 rows per selected feature: ``feature``, ``x`` (in its own unit, over the range of the samples),
            ``effect`` (on the outcome, in its own unit, or log odds), ``lower``, ``upper``.

        Examples
        --------
        >>> list(pf.outcome_model(model, "marker").shapes())
        ['feature', 'x', 'effect', 'lower', 'upper']
        """
        check_confidence(confidence)
        quantile = stats.norm.ppf(0.5 + 0.5 * confidence)
        parts = []
        for p in sorted({part.feature for part in self.tuned.parts}):
            grid = np.linspace(self.x[:, p].min(), self.x[:, p].max(), _GRID)
            mean, sd = (values * self.spread for values in self._shape(p, grid))
            frame = {"feature": self.features[p], "x": grid, "effect": mean}
            parts.append(pd.DataFrame({**frame, "lower": mean - quantile * sd, "upper": mean + quantile * sd}))
        none = pd.DataFrame(columns=["feature", "x", "effect", "lower", "upper"])
        return pd.concat(parts, ignore_index=True) if parts else none

    def predict(self, x: pd.DataFrame) -> pd.DataFrame:
        """Return predictions for samples x features: ``mean`` and ``sd`` (with noise), or ``probability``.

        Parameters
        ----------
        x
            Features by name, samples in rows.

        Examples
        --------
        >>> pf.outcome_model(model, "marker").predict(model.scores_).head(2).shape
        (2, 2)
        """
        design = self.basis(x[list(self.features)].to_numpy(dtype=float))
        full = np.column_stack([np.ones(len(x)), design[:, self.tuned.columns]])
        mean = full @ self.tuned.posterior.mean
        variance = np.einsum("ij,jk,ik->i", full, self.tuned.posterior.cov, full)
        if self.likelihood is Likelihood.BERNOULLI:
            # the probit approximation of MacKay (1992) to the mean of a logistic
            return pd.DataFrame({"probability": expit(mean / np.sqrt(1.0 + np.pi * variance / 8.0))}, index=x.index)
        sd = np.sqrt(variance + 1.0 / self.tuned.noise_precision)
        return pd.DataFrame({"mean": self.centre + self.spread * mean, "sd": self.spread * sd}, index=x.index)

    def _weights(self, p: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return mean and covariance of the weights of a feature, and which of its basis functions they are of."""
        where: list[int] = []
        own: list[int] = []
        for part, place in self.tuned.places:
            if part.feature == p:
                where += range(place.start, place.stop)
                own += range(1, 1 + place.stop - place.start) if part.smooth else [0]
        fitted = self.tuned.posterior
        return fitted.mean[where], fitted.cov[np.ix_(where, where)], np.array(own, dtype=int)

    def _shape(self, p: int, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the shape function of a feature at values of it, and its sd."""
        mean, cov, own = self._weights(p)
        functions = self.basis.of_feature(p, values)[:, own]
        variance = np.einsum("ij,jk,ik->i", functions, cov, functions)
        return functions @ mean, np.sqrt(np.clip(variance, 0.0, None))

    def _size_limits(self, p: int, confidence: float) -> tuple[float, float]:
        """Return limits of the sd of a shape function over the samples, from posterior draws."""
        mean, cov, own = self._weights(p)
        functions = self.basis.of_feature(p, self.x[:, p])[:, own]
        draws = np.random.default_rng(0).multivariate_normal(mean, cov, size=_N_DRAWS, method="cholesky")
        lower, upper = np.quantile((draws @ functions.T).std(axis=1), [0.5 - 0.5 * confidence, 0.5 + 0.5 * confidence])
        return float(lower), float(upper)

    def _slope(self, p: int) -> tuple[float, float]:
        """Return the weight of the linear part of a feature and its sd; 0 where it has none."""
        mean, cov, own = self._weights(p)
        line = own == 0
        return float(mean[line].sum()), float(np.sqrt(cov[np.ix_(line, line)].sum()))

    def _lost(self, design: np.ndarray, p: int) -> float:
        """Return the log evidence that is lost without a feature, nats."""
        kept = [index for index, part in enumerate(self.tuned.parts) if part.feature != p]
        return self.log_evidence - self.tuned.only(kept, design, self.y).posterior.log_evidence


def fit_additive(x: pd.DataFrame, y: pd.Series, *, reference: str | None = None) -> OutcomeModel:
    """Fit a Bayesian additive model of an outcome on features.

    Parameters
    ----------
    x
        Samples x features without missing values.
    y
        Outcome of the samples: numbers, or two levels; samples without one are left out.
    reference
        The level of a binary outcome that counts as 0.

    Raises
    ------
    ConfigError
        If the outcome is neither numeric nor binary, or too few samples have it.

    Examples
    --------
    >>> import numpy, pandas
    >>> x = pandas.DataFrame(numpy.random.default_rng(0).normal(size=(40, 2)), columns=["a", "b"])
    >>> fitted = pf.analysis.fit_additive(x, 2.0 * x["a"])
    >>> fitted.table().set_index("feature")["selected"].to_dict()
    {'a': True, 'b': False}
    """
    name = str(y.name)
    outcome = read_covariate(name, y.reindex(x.index), reference=reference)
    if outcome.problem or outcome.kind not in {VariableType.NUMERIC, VariableType.BINARY}:
        found = outcome.problem.removeprefix("withheld: ") or f"{outcome.kind}, {count(len(outcome.levels), 'level')}"
        expected = f"numbers or two levels in {MIN_SAMPLES} samples or more"
        raise ConfigError.of("bad-outcome", found, expected, "recode the outcome", place=f"outcome '{name}'")
    if x.empty:
        fix = "offer gene sets (level='activity') or factors that vary"
        raise ConfigError.of("no-features", "none that varies over the samples", "one or more", fix, place="features")
    likelihood = Likelihood.BERNOULLI if outcome.kind is VariableType.BINARY else Likelihood.GAUSSIAN
    values, target = x.loc[outcome.rows].to_numpy(dtype=float), outcome.numbers
    binary = likelihood is Likelihood.BERNOULLI
    centre, spread = (0.0, 1.0) if binary else (float(target.mean()), float(target.std(ddof=1)))
    target = (target - centre) / spread
    basis = Basis(values, _N_KNOTS)
    tuned = tune(basis(values), target, basis.parts, likelihood)
    return OutcomeModel(
        outcome=f"{name}: {outcome.contrast}" if binary else name,
        likelihood=likelihood,
        features=tuple(map(str, x.columns)),
        log_evidence=tuned.posterior.log_evidence,
        x=values,
        y=target,
        centre=centre,
        spread=spread,
        basis=basis,
        tuned=tuned,
    )


def outcome_model(
    model: object,
    outcome: pd.Series | str,
    *,
    level: FeatureLevel = "scores",
    features: Sequence[str] | None = None,
    reference: str | None = None,
) -> OutcomeModel:
    """Fit a Bayesian additive model of an outcome on the scores or activities of a fitted model.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    outcome
        Numbers or two levels per sample: a Series indexed by sample or a column of the fitted cohort's obs.
    level
        ``"scores"``, or ``"activity"``. Of activities that nearly copy each other the evidence keeps any one: name the
        ones of interest in ``features``.
    features
        Factors or gene sets to offer; all when None.
    reference
        The level of a binary outcome that counts as 0.

    Raises
    ------
    ConfigError
        If the outcome was used in fitting, is neither numeric nor binary, or a feature is unknown.

    Examples
    --------
    >>> outcome = pf.outcome_model(model, "marker")
    >>> outcome.table()[["feature", "selected"]].shape
    (2, 2)
    """
    result = as_result(model)
    table = unseen_table(result, outcome, "outcome")
    values = level_table(result, level)
    if features is not None:
        values = values[find_features(features, values.columns, level, "features")]
    varying = values.loc[:, values.std() > 0]
    return fit_additive(varying, table.iloc[:, 0], reference=reference)
