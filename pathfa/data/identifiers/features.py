"""Names and duplicates of the features of one view, corrected as its options say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import anndata as ad
import numpy as np
import pandas as pd
from scipy import sparse

from pathfa.core.errors import ConfigError
from pathfa.core.findings import Finding, error, repaired
from pathfa.core.text import count
from pathfa.data.identifiers.ids import IdReport, excel_dates, guess_id_type, strip_versions, translate
from pathfa.data.identifiers.tables import pairs, read_lookup
from pathfa.data.io.cells import MISSING
from pathfa.data.io.containers import named
from pathfa.data.io.presets import is_no_feature
from pathfa.data.io.settings import Duplicates, IdType, ValueKind, ViewOptions

_MEMBERS = 0.1  # share of names that must become members of gene sets for a cut to be proposed
_MEANINGLESS = frozenset(MISSING) | {"?", "---"}


def rename_features(
    adata: ad.AnnData, options: ViewOptions, view: str
) -> tuple[ad.AnnData, list[Finding], list[IdReport]]:
    """Strip, rename and translate the names of the features; features without a name afterwards are dropped."""
    names = pd.Index(adata.var_names, dtype=object)
    names, findings = _strip(names, options, view)
    versions = strip_versions(names)
    if n_versions := int((versions != names).sum()):
        found = f"Ensembl versions and _PAR_Y were cut from {count(n_versions, 'name')}"
        cut = [f"{a} -> {b}" for a, b in zip(names, versions, strict=True) if a != b]
        findings.append(repaired("versions-stripped", found, view=view, items=cut))
        names = versions
    repairs = ", ".join(f'"{date}": "{gene}"' for date, gene in list(excel_dates(names).items())[:3])
    findings += dates_for_names(names, f"set rename: {{{repairs}}}", view)
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
    dropped = adata.var_names[unnamed & ~names.isna()]
    if len(dropped):
        found = f"{count(len(dropped), 'feature', 'were')} dropped: the name is NA or empty"
        findings.append(repaired("unnamed-features", found, view=view, items=dropped))
    keep = np.flatnonzero(~unnamed)
    values = adata.X[:, keep] if len(keep) < len(names) else adata.X
    return named(values, adata.obs_names, pd.Index(names[keep], dtype=object), adata.obs), findings, reports


def true_features(adata: ad.AnnData, options: ViewOptions, view: str) -> tuple[ad.AnnData, list[Finding]]:
    """Return the data without summaries, sums, spike-ins and contaminants, and what the option drop_features names."""
    keep, findings = features_to_keep(pd.Index(adata.var_names), view, options.drop_features)
    return (adata[:, keep].copy() if findings else adata), findings


def features_to_keep(names: pd.Index, view: str, more: str | None = None) -> tuple[np.ndarray, list[Finding]]:
    """Return which names are those of features, and a finding about the others.

    Parameters
    ----------
    names
        Names as they are in the data, of any type.
    view
        Name of the view, for the message.
    more
        Regular expression of further names to leave out.
    """
    text = [name if isinstance(name, str) else "" for name in names]
    strange = np.array(is_no_feature(text), dtype=bool)
    if more is not None:
        strange |= np.array([re.fullmatch(more, name) is not None for name in text], dtype=bool)
    if not strange.any() or strange.all():
        return np.ones(len(names), dtype=bool), []
    found = (
        f"{count(int(strange.sum()), 'name', 'are')} no feature but a summary, sum, spike-in or contaminant: left out"
    )
    return ~strange, [repaired("no-features", found, view=view, items=list(names[strange]))]


def dates_for_names(names: pd.Index, fix: str, view: str) -> list[Finding]:
    """Return the finding that a spreadsheet made dates of names of genes, if it did."""
    dates = [f"{date} (likely {gene})" for date, gene in excel_dates(names).items()]
    found = f"{count(len(dates), 'feature name', 'were')} converted to a date by a spreadsheet"
    fix = f"repair them at the source, or {fix}"
    return [error("excel-dates", found, "gene names", fix, view=view, items=dates)] if dates else []


def strip_affixes(names: Iterable[str], options: ViewOptions) -> list[str]:
    """Return names without the prefix and suffix that the options cut."""
    new = list(names)
    for pattern, where in ((options.strip_prefix, "^(?:{})"), (options.strip_suffix, "(?:{})$")):
        if pattern is not None:
            compiled = re.compile(where.format(pattern))
            new = [compiled.sub("", name, count=1) for name in new]
    return new


_CUTS = (
    *(
        ("strip_suffix", cut)
        for cut in (r"[_-][STYsty]\d+.*", r"\|.*", r";.*", r":.*", r"_.*", r"\..*", r"-.*", r"[ (].*")
    ),
    *(("strip_prefix", cut) for cut in (r".*\|", r".*:", r"[^_]*_", r".*;", r"[^.]*\.")),
)


def cut_to_members(names: pd.Index, members: Collection[str]) -> tuple[str, str] | None:
    r"""Return the option and regular expression that cut names of features to members of gene sets.

    Parameters
    ----------
    names
        Names, few of which are members.
    members
        Members of the gene sets.

    Examples
    --------
    >>> cut_to_members(pd.Index(["MX1_S10", "OAS1_T5"]), {"MX1", "OAS1"}), cut_to_members(pd.Index(["MX1"]), {"MX1"})
    (('strip_suffix', '[_-][STYsty]\\d+.*'), None)
    """
    known = set(members)
    as_they_are = sum(name in known for name in names)
    hits = {
        (option, cut): sum(name in known for name in strip_affixes(names, ViewOptions.from_mapping({option: cut})))
        for option, cut in _CUTS
    }
    best = max(hits, key=lambda cut: hits[cut])
    return best if hits[best] > max(10 * as_they_are, _MEMBERS * len(names)) else None


def _strip(names: pd.Index, options: ViewOptions, view: str) -> tuple[pd.Index, list[Finding]]:
    new = strip_affixes([str(options.rename.get(name, name)) for name in names], options)
    changed = [f"{old} -> {now}" for old, now in zip(names, new, strict=True) if old != now]
    found = f"{count(len(changed), 'feature name', 'were')} cut or renamed as the options say"
    findings = [repaired("features-renamed", found, view=view, items=changed)] if changed else []
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
        found = f"{count(len(repeated), 'feature name', 'occur')} more than once"
        expected = "one feature per name, as the values are not counts"
        fix = "set duplicates to mean, median, most_complete, first or drop"
        return adata, [error("duplicate-features", found, expected, fix, view=view, items=repeated)]
    kept = names[~names.duplicated(keep=False)] if policy is Duplicates.DROP else names.unique()
    merged = named(_merged(adata.X, names, policy), adata.obs_names, kept, adata.obs)
    shared = count(int(names.isin(repeated).sum()), "feature", "share")
    found = f"{shared} {count(len(repeated), 'name')}; policy {policy}"
    return merged, [repaired("duplicates-merged", found, view=view, items=repeated)]


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
        merge = sparse.csr_matrix((weight, (np.arange(len(codes)), codes)), shape=(len(codes), len(unique)))
        return sparse.csr_matrix(x @ merge)
    if policy is Duplicates.MOST_COMPLETE:
        order = np.lexsort((np.ma.masked_invalid(x).var(axis=0).filled(0.0), (~np.isnan(x)).sum(axis=0)))
        best = pd.Series(order).groupby(codes[order]).last()
        return x[:, best.to_numpy()]
    groups = pd.DataFrame(x.T.astype(np.float64)).groupby(codes)  # an entry is missing only when it is in all
    if policy is Duplicates.SUM:
        return groups.sum(min_count=1).to_numpy().T
    return (groups.mean() if policy is Duplicates.MEAN else groups.median()).to_numpy().T


def zeros_as_missing(adata: ad.AnnData) -> tuple[ad.AnnData, int]:
    """Return the data with NaN for zeros, stored or not, and how many there were."""
    values = adata.X.toarray() if sparse.issparse(adata.X) else np.array(adata.X, dtype=np.float64)
    zeros = values == 0
    values[zeros] = np.nan
    return named(values, adata.obs_names, adata.var_names, adata.obs), int(zeros.sum())


def looks_like_counts(x: np.ndarray | sparse.csr_matrix, kind: str) -> bool:
    """Whether the values are declared as counts or, undeclared, are whole numbers from 0 on."""
    if ValueKind(kind) is not ValueKind.AUTO:
        return ValueKind(kind) in (ValueKind.COUNTS, ValueKind.ESTIMATED_COUNTS)
    values = np.asarray(x.data if sparse.issparse(x) else x[~np.isnan(x)])
    return bool(values.size and values.min() >= 0 and values.max() > 1 and np.all(values == np.floor(values)))
