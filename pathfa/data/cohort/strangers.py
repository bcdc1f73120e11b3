"""Columns of a table that stand among the samples and may be none, and the column that names its features best."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import anndata as ad
import numpy as np

from pathfa.core.findings import Finding, warning

_FEWEST = 4  # samples from which one can stand apart
_FAR = 100  # times larger or smaller than in the other samples
_FEW, _MORE = 0.02, 0.1  # share of features among members of gene sets


def strangers(adata: ad.AnnData, known: Collection[str], view: str) -> Iterator[Finding]:
    """Return a warning about samples that nothing else knows and whose values are of another kind or scale.

    Parameters
    ----------
    adata
        Values of a table, samples in rows.
    known
        Names of samples in the other views and in the sheet.
    view
        Name of the view.
    """
    if adata.n_obs < _FEWEST or not adata.n_vars:
        return
    values = np.abs(np.asarray(adata.X, dtype=np.float64))
    seen = np.isfinite(values)
    n = np.maximum(seen.sum(axis=1), 1)
    whole = (seen & (values == np.floor(values))).sum(axis=1) / n
    positive = seen & (values > 0)  # zeros may mean "not detected", and how many there are differs
    size = np.array([np.median(row[has]) if has.any() else np.nan for row, has in zip(values, positive, strict=True)])
    for position, name in enumerate(adata.obs_names):
        if name in known or not seen[position].any():
            continue
        others = np.arange(adata.n_obs) != position
        usual = np.nanmedian(size[others]) if np.isfinite(size[others]).any() else 0.0
        if whole[position] == 1 and np.median(whole[others]) < 0.5:
            why = "its values are whole numbers, those of the others are not"
        elif usual > 0 and not usual / _FAR <= size[position] <= usual * _FAR:
            why = f"its values are about {size[position]:.3g}, those of the others {usual:.3g}"
        else:
            continue
        fix = f"set drop_columns: [{name}] if it describes the features"
        yield warning("odd-sample", f"'{name}' may be no sample: {why}", fix=fix, view=view, items=[name])


def better_names(adata: ad.AnnData, genes: Collection[str], view: str) -> Iterator[Finding]:
    """Return a warning where a column that describes the features, not their names, contains members of gene sets."""
    if not genes or not adata.n_vars or adata.var_names.isin(genes).mean() > _FEW:
        return
    shares = {str(name): float(column.astype(str).isin(genes).mean()) for name, column in adata.var.items()}
    best = max(shares, key=lambda name: shares[name], default="")
    if best and shares[best] > _MORE:
        found = (
            f"column '{best}' contains names of the gene sets ({shares[best]:.0%}), the names of the features do not"
        )
        fix = f"set feature_column: {best}"
        examples = adata.var[best].astype(str)
        yield warning("better-names", found, fix=fix, view=view, items=list(examples[examples.isin(genes)]))
