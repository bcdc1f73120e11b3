"""How sure the variance explained is: intervals of R2 over the samples."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathfa.result.result import PathFAResult, as_result

_DRAWS = 1000


def explained_intervals(model: object, *, confidence: float = 0.95, seed: int = 0) -> pd.DataFrame:
    """Return R2 per factor and view with intervals of a bootstrap over the samples.

    The samples are drawn again with replacement, the factors stay as they are: the interval tells how much R2 hangs on
    which samples are in the cohort. It does not hold the uncertainty of the factors; for that see ``heldout`` and
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
            gained, total = _sums(result, view)
            drawn = (draws @ gained) / np.maximum(draws @ total, 1e-300)[:, None]
            lower, upper = np.quantile(drawn, [tail, 1.0 - tail], axis=0)
        r2 = result.variance_explained[view].to_numpy(dtype=float)
        parts.append(pd.DataFrame({"factor": names, "view": view, "r2": r2, "lower": lower, "upper": upper}))
    return pd.concat(parts, ignore_index=True)


def _sums(result: PathFAResult, view: str) -> tuple[np.ndarray, np.ndarray]:
    """Return per sample what each factor, and all together, take off the sum of squares, N x (K + 1), and that sum, N.

    The numbers of one factor alone are sum x^2 - sum (x - z w)^2, over the measured values.
    """
    x, w, z = result.data[view].to_numpy(dtype=float), result.loadings[view].to_numpy(), result.scores.to_numpy()
    seen = np.isfinite(x)
    filled = np.where(seen, x, 0.0)
    total = (filled**2).sum(axis=1)
    alone = 2.0 * z * (filled @ w) - z**2 * (seen.astype(float) @ w**2)
    together = total - (np.where(seen, filled - z @ w.T, 0.0) ** 2).sum(axis=1)
    return np.column_stack([alone, together]), total


def interval_of(table: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float, float]]:
    """Return R2 and its limits by factor and view, from the table of ``explained_intervals``."""
    return {
        (str(row["factor"]), str(row["view"])): (float(row["r2"]), float(row["lower"]), float(row["upper"]))
        for row in table.to_dict("records")
    }
