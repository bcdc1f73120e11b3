"""Names and duplicates of the features of one view, put right as its options say."""

from __future__ import annotations

import re

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error, repaired
from pathfa.core.grammar import count
from pathfa.data.identifiers.ids import IdReport, excel_dates, guess_id_type, strip_versions, translate
from pathfa.data.identifiers.tables import pairs, read_lookup
from pathfa.data.io.containers import named
from pathfa.data.io.settings import Duplicates, IdType, Kind, ViewOptions
from pathfa.data.io.tables import MISSING

_MEANINGLESS = frozenset(MISSING) | {"?", "---"}


def rename_features(
    adata: ad.AnnData, options: ViewOptions, view: str
) -> tuple[ad.AnnData, list[Finding], list[IdReport]]:
    """Strip, rename and translate the names of the features; features without a name afterwards are dropped."""
    names = pd.Index(adata.var_names, dtype=object)
    names, findings = _strip(names, options, view)
    versions = strip_versions(names)
    if (n_versions := int((versions != names).sum())) > 0:
        findings.append(
            repaired(
                "versions-stripped",
                f"Ensembl versions and _PAR_Y were cut from {count(n_versions, 'name')}",
                view=view,
                examples=(f"{a} -> {b}" for a, b in zip(names, versions, strict=True) if a != b),
                count=n_versions,
            )
        )
        names = versions
    if dates := excel_dates(names):
        findings.append(
            error(
                "excel-dates",
                f"{count(len(dates), 'feature name', 'were')} turned into a date by a spreadsheet",
                "gene names",
                "repair them at the source, or set rename: {"
                + ", ".join(f'"{date}": "{gene}"' for date, gene in list(dates.items())[:3])
                + "}",
                view=view,
                examples=(f"{date} (likely {gene})" for date, gene in dates.items()),
                count=len(dates),
            )
        )
    reports = []
    current = adata
    for step in (_translate_ids, _translate_species):
        report = step(names, current, options, view)
        if report is not None:
            reports.append(report)
            findings += report.findings()
            names = pd.Index(report.table["name"].to_numpy(dtype=object), dtype=object)
    stripped = options.strip_prefix is not None or options.strip_suffix is not None
    void = pd.Index(names).isin(_MEANINGLESS)
    unnamed = names.isna() | (void if stripped else void & names.duplicated(keep=False))
    if (n_void := int((unnamed & ~names.isna()).sum())) > 0:
        findings.append(
            repaired(
                "unnamed-features",
                f"{count(n_void, 'feature', 'were')} dropped: the name is NA or empty",
                view=view,
                examples=adata.var_names[unnamed & ~names.isna()],
                count=n_void,
            )
        )
    keep = np.flatnonzero(~unnamed)
    renamed = named(
        adata.X[:, keep] if len(keep) < len(names) else adata.X, adata.obs_names, pd.Index(names[keep], dtype=object)
    )
    renamed.obs = adata.obs.copy()
    return renamed, findings, reports


def _strip(names: pd.Index, options: ViewOptions, view: str) -> tuple[pd.Index, list[Finding]]:
    new = [str(options.rename.get(name, name)) for name in names]
    for pattern, where in ((options.strip_prefix, "^(?:{})"), (options.strip_suffix, "(?:{})$")):
        if pattern is not None:
            compiled = re.compile(where.format(pattern))
            new = [compiled.sub("", name, count=1) for name in new]
    changed = [f"{old} -> {now}" for old, now in zip(names, new, strict=True) if old != now]
    findings = (
        [
            repaired(
                "features-renamed",
                f"{count(len(changed), 'feature name', 'were')} cut or renamed as asked",
                view=view,
                items=changed,
            )
        ]
        if changed
        else []
    )
    return pd.Index(new, dtype=object), findings


def _translate_ids(names: pd.Index, adata: ad.AnnData, options: ViewOptions, view: str) -> IdReport | None:
    id_type = IdType(options.id_type)
    if options.id_table is not None:
        kind = guess_id_type(names)[0] if id_type is IdType.AUTO else id_type
        lookup = read_lookup(options.id_table, id_type=kind, key=options.id_key, column=options.id_column)
        keep = kind is IdType.SYMBOL and options.id_column is None
        return translate(
            names, lookup, view=view, id_type=id_type, target=options.id_column or "symbol", keep_unknown=keep
        )
    if options.id_column is None:
        return None
    if options.id_column not in adata.var:
        columns = ", ".join(map(str, adata.var.columns[:8])) or "none"
        raise ConfigError(f"its features have no column {options.id_column!r}; their columns are {columns}")
    lookup = pairs(names, adata.var[options.id_column])
    return translate(names, lookup, view=view, id_type=id_type, target=options.id_column, keep_unknown=False)


def _translate_species(names: pd.Index, _: ad.AnnData, options: ViewOptions, view: str) -> IdReport | None:
    if options.orthologues is None:
        return None
    lookup = read_lookup(
        options.orthologues, id_type=IdType.OTHER, key=options.orthologue_key, column=options.orthologue_column
    )
    known = pd.Index([name for name in names if isinstance(name, str)], dtype=object)
    report = translate(known, lookup, view=view, id_type=IdType.SYMBOL, target="orthologues", keep_unknown=False)
    by_name = report.table.set_index("feature")["name"].to_dict()
    full = pd.DataFrame({"feature": names, "name": [by_name.get(name) for name in names]}, dtype=object)
    status = report.table.set_index("feature")[["status", "candidates"]]
    full = full.join(status[~status.index.duplicated()], on="feature").fillna({"status": "lost", "candidates": ""})
    return IdReport(view=view, id_type=report.id_type, confidence=report.confidence, target=report.target, table=full)


def merge_duplicates(
    adata: ad.AnnData, options: ViewOptions, view: str, *, counts: bool
) -> tuple[ad.AnnData, list[Finding]]:
    """Make the names of the features unique as the policy of the options says.

    Parameters
    ----------
    adata
        One view.
    options
        ``duplicates``.
    view
        Name of the view.
    counts
        Whether the values are counts, which the policy ``"auto"`` sums.
    """
    names = pd.Index(adata.var_names, dtype=object)
    repeated = names[names.duplicated()].unique()
    if not len(repeated):
        return adata, []
    policy = Duplicates(options.duplicates)
    if policy is Duplicates.AUTO:
        policy = Duplicates.SUM if counts else Duplicates.ERROR
    if policy is Duplicates.ERROR:
        found = error(
            "duplicate-features",
            f"{count(len(repeated), 'feature name', 'occur')} more than once",
            "one feature per name, as the values are not counts",
            "set duplicates to mean, median, most_complete, first or drop",
            view=view,
            items=repeated,
        )
        return adata, [found]
    merged = named(_merged(adata.X, names, policy), adata.obs_names, _kept_names(names, policy))
    merged.obs = adata.obs.copy()
    found = repaired(
        "duplicates-merged",
        f"{count(int(names.isin(repeated).sum()), 'feature', 'share')} {count(len(repeated), 'name')}; policy {policy}",
        view=view,
        items=repeated,
    )
    return merged, [found]


def _kept_names(names: pd.Index, policy: Duplicates) -> pd.Index:
    return names[~names.duplicated(keep=False)] if policy is Duplicates.DROP else names.unique()


def _merged(x: np.ndarray | sparse.csr_matrix, names: pd.Index, policy: Duplicates) -> np.ndarray | sparse.csr_matrix:
    codes, unique = pd.factorize(names)
    if policy is Duplicates.DROP:
        return x[:, np.flatnonzero(~names.duplicated(keep=False))]
    if policy is Duplicates.FIRST:
        return x[:, np.flatnonzero(~names.duplicated())]
    if sparse.issparse(x):
        if policy not in (Duplicates.SUM, Duplicates.MEAN):
            raise ConfigError(
                f"duplicates={policy} is not possible for a sparse matrix; expected sum, mean, first or drop"
            )
        weight = 1.0 / np.bincount(codes)[codes] if policy is Duplicates.MEAN else np.ones(len(codes))
        return sparse.csr_matrix(
            x @ sparse.csr_matrix((weight, (np.arange(len(codes)), codes)), shape=(len(codes), len(unique)))
        )
    merged = x[:, np.flatnonzero(~names.duplicated())].astype(np.float64)
    for code in np.flatnonzero(np.bincount(codes) > 1):
        merged[:, code] = _one_of(x[:, np.flatnonzero(codes == code)], policy)
    return merged


def _one_of(block: np.ndarray, policy: Duplicates) -> np.ndarray:
    """Return one column for several; an entry is missing only when it is missing in all."""
    seen = ~np.isnan(block)
    if policy is Duplicates.MOST_COMPLETE:
        filled = np.ma.masked_invalid(block)
        order = np.lexsort((filled.var(axis=0).filled(0.0), seen.sum(axis=0)))
        return np.asarray(block[:, order[-1]])
    masked = np.ma.masked_invalid(block)
    if policy is Duplicates.SUM:
        result = masked.sum(axis=1)
    elif policy is Duplicates.MEAN:
        result = masked.mean(axis=1)
    else:
        result = np.ma.median(masked, axis=1)  # type: ignore[no-untyped-call]
    return np.asarray(np.ma.filled(result, np.nan), dtype=np.float64)


def zeros_as_missing(adata: ad.AnnData) -> tuple[ad.AnnData, int]:
    """Return the data with NaN for zeros, stored or not, and how many there were."""
    values = adata.X.toarray() if sparse.issparse(adata.X) else np.array(adata.X, dtype=np.float64)
    zeros = values == 0
    values[zeros] = np.nan
    recoded = named(values, adata.obs_names, adata.var_names)
    recoded.obs = adata.obs.copy()
    return recoded, int(zeros.sum())


def looks_like_counts(x: np.ndarray | sparse.csr_matrix, kind: str) -> bool:
    """Whether the values are declared as counts or, undeclared, are whole numbers from 0 on."""
    if Kind(kind) is not Kind.AUTO:
        return Kind(kind) in (Kind.COUNTS, Kind.ESTIMATED_COUNTS)
    values = np.asarray(x.data if sparse.issparse(x) else x[~np.isnan(x)])
    return bool(values.size and values.min() >= 0 and values.max() > 1 and np.all(values == np.floor(values)))
