"""What a fit found, with labels: tables, intervals, draws, and one file that holds it all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
import torch
from scipy.special import ndtri

from pathfa.errors import ConfigError, Finding, Severity
from pathfa.inference.posterior import draw_scores, draw_weights, truncated_quantile
from pathfa.storage import read_model, write_model

Quantity = Literal["activity", "scores", "gene_set_weights"]
_N_DRAWS = 1000  # draws behind an interval of activities
_CHUNK = 4_000_000  # most numbers drawn at once


@dataclass(frozen=True, kw_only=True)
class PathFAResult:
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
    weight_blocks
        Per block the active weights as positions in U flattened factor by factor, and their covariance.
    loadings
        Per view the posterior mean of the loadings, G x K.
    loadings_cov
        Per view the covariance of the loadings of each feature, lower triangles row by row, G x K (K + 1) / 2.
    noise
        Per view the noise sd, G.
    omega, view_scale
        Prior precision of the loadings and scale of the gene-set weights, K x views.
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
        Members of every gene set, as they were given.
    masks
        Per view the gene-set mask, G x P.
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
        Maps from the scores of a subset of views to the scores of all, see ``pathfa.inference.project``.
    flow
        How many samples and features were left after each step.
    findings
        What was found wrong with the input, repaired or worth knowing.
    settings
        Every option, as it was resolved.
    provenance
        Versions, seed, times, inputs and their checksums.
    """

    scores: pd.DataFrame
    score_cov: np.ndarray
    score_pattern: np.ndarray
    gene_set_weights: pd.DataFrame
    alpha: pd.DataFrame
    weight_blocks: tuple[tuple[np.ndarray, np.ndarray], ...]
    loadings: dict[str, pd.DataFrame]
    loadings_cov: dict[str, np.ndarray]
    noise: dict[str, pd.Series[float]]
    omega: pd.DataFrame
    view_scale: pd.DataFrame
    variance_explained: pd.DataFrame
    evidence_terms: dict[str, float]
    trace: pd.DataFrame
    selection: pd.DataFrame
    converged: bool
    gene_sets: dict[str, list[str]]
    masks: dict[str, sp.csr_matrix]
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
        return float(sum(self.evidence_terms.values()))

    @cached_property
    def activity(self) -> pd.DataFrame:
        """Posterior mean of the gene-set activities Z U', N x P."""
        values = _array(self.scores) @ _array(self.gene_set_weights).T
        return pd.DataFrame(values, index=self.scores.index, columns=self.gene_set_weights.index)

    @cached_property
    def prior_loadings(self) -> dict[str, pd.DataFrame]:
        """Per view the loadings that the gene sets alone give, c C U, G x K."""
        weights = _array(self.gene_set_weights)
        return {
            view: pd.DataFrame(
                np.asarray(self.masks[view] @ weights) * self.view_scale[view].to_numpy(),
                index=table.index,
                columns=table.columns,
            )
            for view, table in self.loadings.items()
        }

    @cached_property
    def loadings_sd(self) -> dict[str, pd.DataFrame]:
        """Per view the posterior sd of the loadings, G x K."""
        size = self.scores.shape[1]
        diagonal = np.cumsum(np.arange(1, size + 1)) - 1
        return {
            view: pd.DataFrame(
                np.sqrt(np.clip(self.loadings_cov[view][:, diagonal], 0.0, None)),
                index=table.index,
                columns=table.columns,
            )
            for view, table in self.loadings.items()
        }

    @cached_property
    def annotated_share(self) -> pd.DataFrame:
        """Share of each factor's loadings that its gene sets explain, 1 - |w - cCU|^2 / |w|^2, K x views, 0 to 1."""
        shares = {}
        for view, table in self.loadings.items():
            total = (_array(table) ** 2).sum(axis=0)
            off = ((_array(table) - _array(self.prior_loadings[view])) ** 2).sum(axis=0)
            with np.errstate(invalid="ignore", divide="ignore"):
                shares[view] = np.where(total > 0, np.clip(1.0 - off / total, 0.0, 1.0), 0.0)
        return pd.DataFrame(shares, index=self.scores.columns)

    def interval(self, what: Quantity, level: float = 0.95) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return lower and upper limits of central posterior intervals.

        Parameters
        ----------
        what
            ``"activity"``, ``"scores"`` or ``"gene_set_weights"``.
        level
            Posterior probability inside the interval, between 0 and 1.

        Returns
        -------
        tuple of DataFrame
            Two tables with the labels of the quantity.

        Raises
        ------
        ConfigError
            If ``what`` is not one of the three or ``level`` is not between 0 and 1.
        """
        if not 0.0 < level < 1.0:
            raise ConfigError(findings=[_bad_option("level", level, "a number between 0 and 1", "level=0.95")])
        tail = 0.5 * (1.0 - level)
        table = self._table(what)
        if what == "scores":
            sd = np.sqrt(self.score_cov.diagonal(axis1=1, axis2=2))[self.score_pattern]
            half = float(ndtri(1.0 - tail)) * sd
            return table - half, table + half
        if what == "gene_set_weights":
            mean, sd = torch.as_tensor(table.to_numpy()), torch.as_tensor(self.weight_sd.to_numpy())
            limits = []
            for probability in (tail, 1.0 - tail):
                if self.nonnegative:
                    value = truncated_quantile(torch.tensor(probability, dtype=torch.float64), mean, sd)
                else:
                    value = mean + float(ndtri(probability)) * sd
                limits.append(pd.DataFrame(value.numpy(), index=table.index, columns=table.columns))
            return limits[0], limits[1]
        lower, upper = np.empty(table.shape), np.empty(table.shape)
        weights = self._draw_weights(_N_DRAWS, seed=0)
        step = max(1, _CHUNK // (_N_DRAWS * max(1, table.shape[1])))
        for start in range(0, len(table), step):
            rows = slice(start, start + step)
            draws = self._draw_scores(_N_DRAWS, seed=1 + start, rows=rows) @ weights.transpose(1, 2)
            lower[rows], upper[rows] = np.quantile(draws.numpy(), [tail, 1.0 - tail], axis=0)
        return (
            pd.DataFrame(lower, index=table.index, columns=table.columns),
            pd.DataFrame(upper, index=table.index, columns=table.columns),
        )

    def sample_posterior(self, n: int = 100, seed: int = 0, what: Quantity = "activity") -> np.ndarray:
        """Return draws from the posterior, n x rows x columns of the quantity.

        Parameters
        ----------
        n
            Number of draws.
        seed
            Seed; the same seed gives the same draws.
        what
            ``"activity"``, ``"scores"`` or ``"gene_set_weights"``.
        """
        self._table(what)
        if what == "scores":
            return self._draw_scores(n, seed).numpy()
        weights = self._draw_weights(n, seed)
        if what == "gene_set_weights":
            return weights.numpy()
        return (self._draw_scores(n, seed + 1) @ weights.transpose(1, 2)).numpy()

    @property
    def nonnegative(self) -> bool:
        """Whether gene-set weights cannot be negative."""
        return bool(self.settings["sign"] == "nonnegative")

    @cached_property
    def weight_sd(self) -> pd.DataFrame:
        """Sd of the gene-set weights before truncation, P x K; 0 where pruned."""
        flat = np.zeros(self.gene_set_weights.size)
        for active, cov in self.weight_blocks:
            flat[active] = np.sqrt(np.diag(cov))
        values = flat.reshape(self.gene_set_weights.shape[::-1]).T
        return pd.DataFrame(values, index=self.gene_set_weights.index, columns=self.gene_set_weights.columns)

    def rename_factors(self, names: Mapping[str, str]) -> PathFAResult:
        """Return the result with other names for some factors, keyed by the present full name or the id (``"F1"``).

        Raises
        ------
        ConfigError
            If a key is no factor or two factors would share a name.
        """
        ids = {name.split(" ", 1)[0]: name for name in self.factor_names}
        full = {ids.get(key, key): value for key, value in names.items()}
        unknown = [key for key in full if key not in self.factor_names]
        new = [full.get(name, name) for name in self.factor_names]
        if unknown or len(set(new)) < len(new):
            found = f"unknown factors {unknown[:3]}" if unknown else "a name that two factors would share"
            fix = f"use names from {', '.join(ids)}"
            raise ConfigError(findings=[_bad_option("names", found, "one new name per factor", fix)])
        index = pd.Index(new)

        def columns(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
            return {view: table.set_axis(index, axis=1) for view, table in tables.items()}

        return replace(
            self,
            scores=self.scores.set_axis(index, axis=1),
            gene_set_weights=self.gene_set_weights.set_axis(index, axis=1),
            alpha=self.alpha.set_axis(index, axis=1),
            loadings=columns(self.loadings),
            view_scores=columns(self.view_scores),
            omega=self.omega.set_axis(index, axis=0),
            view_scale=self.view_scale.set_axis(index, axis=0),
            variance_explained=self.variance_explained.set_axis([*new, "total"], axis=0),
        )

    def save(self, path: str | Path) -> None:
        """Write the result to one HDF5 file; it appears only when it is complete."""
        content = {item.name: getattr(self, item.name) for item in fields(self)}
        content["weight_blocks"] = {
            f"{index:05d}": {"active": active, "cov": cov} for index, (active, cov) in enumerate(self.weight_blocks)
        }
        content["noise"] = {view: series.to_frame("sd") for view, series in self.noise.items()}
        for name in ("gene_sets", "settings", "provenance"):
            content[name] = json.dumps(content[name])
        content["findings"] = json.dumps([finding.to_dict() for finding in self.findings])
        write_model(path, content)

    @classmethod
    def load(cls, path: str | Path) -> PathFAResult:
        """Return the result that ``save`` wrote; every number is identical.

        Raises
        ------
        MissingInputError, InputError
            If there is no such file or it holds no model.
        """
        content = read_model(path)
        blocks = content["weight_blocks"]
        content["weight_blocks"] = tuple((blocks[key]["active"], blocks[key]["cov"]) for key in sorted(blocks))
        content["noise"] = {view: table["sd"] for view, table in content["noise"].items()}
        for name in ("gene_sets", "settings", "provenance"):
            content[name] = json.loads(str(content[name]))
        content["findings"] = tuple(
            Finding(**{**item, "severity": Severity(item["severity"]), "examples": tuple(item["examples"])})
            for item in json.loads(str(content["findings"]))
        )
        content["converged"] = bool(content["converged"])
        content["evidence_terms"] = {key: float(value) for key, value in content["evidence_terms"].items()}
        order = content["settings"]["views"]
        for name in ("loadings", "loadings_cov", "noise", "masks", "data", "view_scores", "preprocessing"):
            content[name] = {view: content[name][view] for view in order if view in content[name]}
        return cls(**content)

    def _table(self, what: Quantity) -> pd.DataFrame:
        tables = {"activity": "activity", "scores": "scores", "gene_set_weights": "gene_set_weights"}
        if what not in tables:
            expected = "one of 'activity', 'scores', 'gene_set_weights'"
            raise ConfigError(findings=[_bad_option("what", what, expected, "what='activity'")])
        table: pd.DataFrame = getattr(self, tables[what])
        return table

    def _draw_weights(self, n: int, seed: int) -> torch.Tensor:
        blocks = [(torch.as_tensor(active), torch.as_tensor(cov)) for active, cov in self.weight_blocks]
        mean = torch.as_tensor(self.gene_set_weights.to_numpy(copy=True))
        generator = torch.Generator().manual_seed(seed)
        return draw_weights(mean, blocks, n, generator, nonnegative=self.nonnegative)

    def _draw_scores(self, n: int, seed: int, rows: slice = slice(None)) -> torch.Tensor:
        mean = torch.as_tensor(self.scores.to_numpy(copy=True)[rows])
        pattern = torch.as_tensor(self.score_pattern[rows])
        generator = torch.Generator().manual_seed(seed)
        return draw_scores(mean, torch.as_tensor(self.score_cov), pattern, n, generator)


def _array(table: pd.DataFrame) -> np.ndarray:
    """Return values in one memory layout, so that sums are identical before saving and after loading."""
    return np.ascontiguousarray(table.to_numpy())


def _bad_option(place: str, found: object, expected: str, fix: str) -> Finding:
    return Finding(
        code="unknown-option",
        severity=Severity.ERROR,
        found=f"{place}={found!r}",
        expected=expected,
        fix=f"use {fix}",
        place=place,
    )


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
    result = getattr(source, "result_", None)
    if isinstance(result, PathFAResult):
        return result
    raise TypeError(f"found {type(source).__name__}; expected a fitted PathFA, a PathFAResult or the path of a model")
