"""Columns of a table that stand among the samples and may be none, and the column that names its features best."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import anndata as ad
import numpy as np

from pathfa.core.findings import Finding, error, warning
from pathfa.data.io.presets import is_quantity

_FEWEST = 4  # samples from which one can stand apart
_FAR = 100  # times larger or smaller than in the other samples
_ROUNDED = 1e-4  # relative error of numbers that were rounded
_MOST = 0.9  # share of the columns that must be such values
_BETWEEN = re.compile(r"[._ :-]+")
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
    sums = _sums(values, seen)
    for position, name in enumerate(adata.obs_names):
        if name in known or not seen[position].any():
            continue
        others = np.arange(adata.n_obs) != position
        usual = np.nanmedian(size[others]) if np.isfinite(size[others]).any() else 0.0
        if position in sums:
            why = f"its values are the {sums[position]} of the others"
        elif whole[position] == 1 and np.median(whole[others]) < 0.5:
            why = "its values are whole numbers, those of the others are not"
        elif usual > 0 and not usual / _FAR <= size[position] <= usual * _FAR:
            why = f"its values are about {size[position]:.3g}, those of the others {usual:.3g}"
        else:
            continue
        fix = f"set drop_columns: [{name}] if it describes the features"
        yield warning("odd-sample", f"'{name}' may be no sample: {why}", fix=fix, view=view, items=[name])


def _sums(values: np.ndarray, seen: np.ndarray) -> dict[int, str]:
    """Return which rows are the sum or the mean of all others."""
    total, n = np.where(seen, values, 0.0).sum(axis=0), seen.sum(axis=0)
    found = {}
    for position, row in enumerate(values):
        others = total - np.where(seen[position], row, 0.0)
        for what, expected in (("sum", others), ("mean", others / np.maximum(n - seen[position], 1))):
            if row.any() and np.isclose(row, expected, rtol=_ROUNDED, atol=0.0).all():
                found[position] = what
    return found


def several_quantities(samples: Iterable[str], view: str) -> Iterator[Finding]:
    """Return the error that columns hold several values of each sample, such as P1_counts and P1_tpm, or of one."""
    names = list(map(str, samples))
    measures = [name for name in names if is_quantity(name)]
    if len(measures) > 1 and len(measures) >= _MOST * len(names):
        said = f"its columns are {len(measures)} values of one sample: {', '.join(measures)}"
        fix = f"choose one with sample_pattern: ({measures[-1]}); the path of one file per sample is their folder"
        yield error("several-quantities", said, "one value of each sample", fix, view=view)
        return
    subjects: dict[tuple[str, str], set[str]] = {}
    for found in filter(None, map(_taken_apart, names)):
        subjects.setdefault(found[:2], set()).add(found[2])
    every: set[str] = max(subjects.values(), key=lambda some: len(some), default=set())
    alike = [key for key, some in subjects.items() if some == every]
    if len(alike) < 2 or len(every) < 2 or len(alike) * len(every) < _MOST * len(names):
        return
    said = f"its columns hold {len(alike)} values of each sample: {', '.join(what for what, _ in alike)}"
    fix = f"choose one with sample_pattern: {' or '.join(repr(pattern) for _, pattern in alike)}"
    yield error("several-quantities", said, "one value of each sample", fix, view=view)


def _taken_apart(name: str) -> tuple[str, str, str] | None:
    """Return the longest text before or behind a sample that is a quantity, a pattern of such names, and the sample."""
    found = []
    for between in _BETWEEN.finditer(name):
        head, tail = name[: between.start()], name[between.end() :]
        before, behind = (
            re.sub(r"([()\[\]+*?|])", r"\\\1", part) for part in (name[: between.end()], name[between.start() :])
        )
        found += [(head, f"{before}(.+)", tail)] * (is_quantity(head) and bool(tail))
        found += [(tail, f"(.+){behind}", head)] * (is_quantity(tail) and bool(head))
    return max(found, key=lambda parts: len(parts[0]), default=None)


def better_names(adata: ad.AnnData, genes: Collection[str], view: str, option: str) -> Iterator[Finding]:
    """Return a warning where a column that describes the features, not their names, contains members of gene sets.

    Parameters
    ----------
    adata
        Samples in rows.
    genes
        Members of the gene sets.
    view
        Name of the view.
    option
        The one that makes the column the names.
    """
    if not genes or not adata.n_vars or adata.var_names.isin(genes).mean() > _FEW:
        return
    shares = {str(name): float(column.astype(str).isin(genes).mean()) for name, column in adata.var.items()}
    best = max(shares, key=lambda name: shares[name], default="")
    if best and shares[best] > _MORE:
        found = (
            f"column '{best}' contains names of the gene sets ({shares[best]:.0%}), the names of the features do not"
        )
        fix = f"set {option}: {best}"
        examples = adata.var[best].astype(str)
        yield warning("better-names", found, fix=fix, view=view, items=list(examples[examples.isin(genes)]))
