"""What the views say: their agreement per gene set, factor and gene, and the variance explained in each."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from pathfa.analysis.association.significance import false_discovery_rate
from pathfa.analysis.association.tables import COLUMNS, check_confidence, check_data
from pathfa.analysis.programmes.one_view import Unit, member_means, own_scores, reliability
from pathfa.core.choices import choose
from pathfa.core.errors import ConfigError
from pathfa.result.result import PathFAResult, as_result
from pathfa.result.summaries import SIGNIFICANT

_MIN_SAMPLES = 5
_FOLLOWS = 0.3  # correlation with the activity below which a view is said to hardly follow it
_DRAWS = 1000  # bootstrap resamples of the samples


def concordance(model: object, level: str = "gene_set", *, confidence: float = 0.95, seed: int = 0) -> pd.DataFrame:
    """Compare what each pair of views says about the same samples.

    For a gene set, the mean of its measured members, with their signs and weights, is its score in each view; nothing
    is fitted to it. For a factor, all features of a view give a score; their weights are learned on other samples (five
    folds), so that a view is never fitted to the samples it is compared on. For a gene, its values in the two views are
    compared. Samples that both views have count.

    A feature is *discordant* when its correlation is significantly below half of what is typical (5 % false discovery
    rate), and the note names the view in which it is hardly seen, if there is one. Otherwise it is *seen in one view*
    when the score from one view is correlated with the activity from all and that from the other hardly is (correlation
    below 0.3), *concordant* when its correlation is significantly above 0, else *unclear*. Gene sets without a member
    in one of the views are *not tested*.

    Typical is the median of the correlations. Means of members cannot correlate more between views than their members
    have in common within each: for gene sets it is the median of the correlations over their ceilings (the root of the
    product of the reliabilities in both views), weighted by the squares of these, times the ceiling of the set.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    level
        ``"gene_set"``, ``"factor"`` or ``"gene"``.
    confidence
        Level of the intervals.
    seed
        Seed of the folds.

    Returns
    -------
    DataFrame
        One row per pair of views and feature, least concordant first: ``covariate`` (the pair, ``"rna ~ protein"``),
        ``feature``, ``effect`` (Pearson correlation), ``lower``, ``upper``, ``statistic`` (t), ``p`` (no correlation),
        ``q``, ``n``, ``test``, ``note``, ``status``, ``discordant_p`` and ``discordant_q`` (below half of the typical
        correlation), ``ceiling`` and ``typical`` (of the correlation; the ceiling of factors and genes is 1),
        ``follows_a`` and ``follows_b`` (correlation of the score from one view with the activity from all; NaN for
        genes), ``beyond`` (correlation of what the factors leave of the means of the members, with the scores from each
        view alone: whether the views also agree beyond the factors; NaN for factors and genes).

    Raises
    ------
    ConfigError
        If the model has one view, or its data were not kept.

    Examples
    --------
    >>> table = pf.concordance(model)
    >>> table["covariate"].unique().tolist(), len(table)
    (['rna ~ protein'], 8)
    """
    result = as_result(model)
    check_confidence(confidence)
    unit = choose(Unit, level, "level")
    if len(result.view_names) < 2:
        raise ConfigError.of("one-view", "one view", "two views or more", "fit the views together", place="model")
    check_data(result)
    own = {} if unit is Unit.GENE else {view: own_scores(result, view, unit, seed) for view in result.view_names}
    parts = []
    for a, b in combinations(result.view_names, 2):
        part = _genes(result, a, b) if unit is Unit.GENE else _activities(result, a, b, unit, own)
        if len(part):
            parts.append(_judged(part, confidence).assign(covariate=f"{a} ~ {b}"))
    if not parts:
        found, expected = "views that share no feature", "the same names in two views"
        raise ConfigError.of("no-pairs", found, expected, "map the names", place="model")
    extra = ["status", "discordant_p", "discordant_q", "ceiling", "typical", "follows_a", "follows_b", "beyond"]
    table = pd.concat(parts, ignore_index=True).sort_values("effect", kind="stable")
    return table.sort_values("covariate", kind="stable")[[*COLUMNS, *extra]].reset_index(drop=True)


def _beyond(result: PathFAResult, a: str, b: str) -> np.ndarray:
    """Return how what the factors leave of the means of the members correlates between two views, P.

    Each view is left by its own scores: scores of both together follow both, and what they leave goes apart.
    """
    left = {
        view: result.data[view].to_numpy(dtype=float)
        - result.view_scores[view].to_numpy() @ result.loadings[view].to_numpy().T
        for view in (a, b)
    }
    return _correlate(*(member_means(result, view, values) for view, values in left.items()))[0]


def _activities(result: PathFAResult, a: str, b: str, unit: Unit, own: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Return correlations of scores from two views, over the samples that have both."""
    table = result.activity if unit is Unit.GENE_SET else result.scores
    overall = table.to_numpy(dtype=float)
    r, n = _correlate(own[a], own[b])
    follows = [_correlate(own[view], overall)[0] for view in (a, b)]
    notes = []
    for x, y, known in zip(*follows, np.isfinite(r), strict=True):
        hardly = [f"{view} (r = {follow:.2f})" for view, follow in ((a, x), (b, y)) if follow < _FOLLOWS]
        seen = f"hardly seen in {' and '.join(hardly)}" if hardly else ""
        notes.append(seen if known else f"withheld: fewer than {_MIN_SAMPLES} samples have a score in both views")
    frame = {"feature": table.columns, "effect": r, "n": n, "follows_a": follows[0], "follows_b": follows[1]}
    is_set = unit is Unit.GENE_SET
    frame["beyond"] = _beyond(result, a, b) if is_set else np.nan
    frame["ceiling"] = np.sqrt(reliability(result, a) * reliability(result, b)) if is_set else 1.0
    return pd.DataFrame({**frame, "tested": np.isfinite(r), "note": notes})


def _genes(result: PathFAResult, a: str, b: str) -> pd.DataFrame:
    shared = result.data[a].columns.intersection(result.data[b].columns)
    first, second = (result.data[view][shared].to_numpy(dtype=float) for view in (a, b))
    r, n = _correlate(first, second)
    frame = pd.DataFrame({"feature": shared, "effect": r, "n": n})
    few = n < _MIN_SAMPLES
    note = np.where(few, f"withheld: fewer than {_MIN_SAMPLES} samples have both values", "")
    return frame.assign(
        follows_a=np.nan, follows_b=np.nan, beyond=np.nan, ceiling=1.0, tested=np.isfinite(r), note=note
    )


def _correlate(first: np.ndarray, second: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return Pearson correlations of columns over the rows where both are known, and the number of these rows."""
    known = np.isfinite(first) & np.isfinite(second)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        x, y = (np.where(known, values, 0.0) for values in (first, second))
        x, y = (np.where(known, values - values.sum(axis=0) / n, 0.0) for values in (x, y))
        size = np.sqrt((x**2).sum(axis=0) * (y**2).sum(axis=0))
        r = np.where((size > 1e-12) & (n >= _MIN_SAMPLES), (x * y).sum(axis=0) / size, np.nan)
    return np.clip(r, -1.0, 1.0), n


def _judged(part: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Add intervals, tests and what they say."""
    r, n = part["effect"].to_numpy(), part["n"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.arctanh(np.clip(r, -1.0 + 1e-15, 1.0 - 1e-15))
        se = 1.0 / np.sqrt(n - 3.0)
        statistic = r * np.sqrt((n - 2.0) / (1.0 - r**2))
    half = stats.norm.ppf(0.5 + 0.5 * confidence) * se
    tested = part["tested"].to_numpy(dtype=bool)
    typical = _typical(r, part["ceiling"].to_numpy())
    below = stats.norm.cdf((z - np.arctanh(np.clip(typical, 0.0, 1.0 - 1e-15) / 2.0)) / se)
    found = part.assign(
        lower=np.tanh(z - half),
        upper=np.tanh(z + half),
        statistic=statistic,
        p=np.where(tested, 2.0 * stats.t.sf(np.abs(statistic), n - 2.0), np.nan),
        test="Pearson",
        typical=typical,
        discordant_p=np.where(tested, below, np.nan),
    )
    found["q"] = false_discovery_rate(found["p"])
    found["discordant_q"] = false_discovery_rate(found["discordant_p"])
    discordant = found["discordant_q"] < SIGNIFICANT
    concordant = (found["q"] < SIGNIFICANT) & (found["effect"] > 0) & ~discordant
    quiet = part[["follows_a", "follows_b"]].lt(_FOLLOWS).sum(axis=1) == 1
    found["status"] = np.select(
        [~tested, discordant, quiet, concordant],
        ["not tested", "discordant", "seen in one view", "concordant"],
        "unclear",
    )
    return found


def _typical(r: np.ndarray, ceiling: np.ndarray) -> np.ndarray:
    """Return the correlation that is typical of features with such ceilings; NaN where the ceiling is not known."""
    usable = np.isfinite(r) & (ceiling > 0)
    if not usable.any():
        return np.full_like(r, np.nan)
    ratio = np.clip(r[usable] / ceiling[usable], -1.0, 1.0)
    middle = np.quantile(ratio, 0.5, weights=ceiling[usable] ** 2, method="inverted_cdf")
    return np.asarray(middle * ceiling)


def explained_intervals(model: object, *, confidence: float = 0.95, seed: int = 0) -> pd.DataFrame:
    """Return R2 per factor and view with intervals of a bootstrap over the samples.

    The samples are drawn again with replacement, the factors stay as they are: the interval tells how much R2 hangs on
    which samples are in the cohort. It leaves out the uncertainty of the factors; for that see ``heldout`` and
    ``stability``.

    Parameters
    ----------
    model
        Fitted ``PathFA``, ``PathFAResult``, or the path of a saved model.
    confidence
        Level of the intervals.
    seed
        Seed of the bootstrap.

    Returns
    -------
    DataFrame
        One row per factor (and ``"total"``) and view: ``factor``, ``view``, ``r2``, ``lower``, ``upper``. Limits are
        NaN where the fitted values were not kept.

    Examples
    --------
    >>> pf.analysis.explained_intervals(model).columns.tolist()
    ['factor', 'view', 'r2', 'lower', 'upper']
    """
    result = as_result(model)
    rng = np.random.default_rng(seed)
    size = len(result.scores)
    draws = rng.multinomial(size, np.full(size, 1.0 / size), size=_DRAWS).astype(float)
    names = [str(name) for name in result.variance_explained.index]
    tail = 0.5 * (1.0 - confidence)
    parts = []
    for view in result.view_names:
        lower = upper = np.full(len(names), np.nan)
        if result.data:
            gained, total = squares_explained(result, view)
            drawn = (draws @ gained) / np.maximum(draws @ total, 1e-300)[:, None]
            lower, upper = np.quantile(drawn, [tail, 1.0 - tail], axis=0)
        r2 = result.variance_explained[view].to_numpy(dtype=float)
        parts.append(pd.DataFrame({"factor": names, "view": view, "r2": r2, "lower": lower, "upper": upper}))
    return pd.concat(parts, ignore_index=True)


def squares_explained(result: PathFAResult, view: str) -> tuple[np.ndarray, np.ndarray]:
    """Return per sample how much each factor, and all, reduce the sum of squares, N x (K + 1), and that sum, N.

    The numbers of one factor alone are sum x^2 - sum (x - z w)^2, over the measured values.
    """
    x, w, z = result.data[view].to_numpy(dtype=float), result.loadings[view].to_numpy(), result.scores.to_numpy()
    seen = np.isfinite(x)
    filled = np.where(seen, x, 0.0)
    total = (filled**2).sum(axis=1)
    alone = 2.0 * z * (filled @ w) - z**2 * (seen.astype(float) @ w**2)
    together = total - (np.where(seen, filled - z @ w.T, 0.0) ** 2).sum(axis=1)
    return np.column_stack([alone, together]), total
