"""What the size of a cohort means for its fit."""

from __future__ import annotations

from collections.abc import Iterator

from pathfa.core.findings import Finding, note, warning
from pathfa.core.text import count
from pathfa.fit.problem import Prepared

_SLOW = 2.0  # times the rows that complete samples would need, from which missing values are worth a word


def size_findings(prepared: Prepared, *, keep_data: bool) -> Iterator[Finding]:
    """Yield findings about samples that are not fitted one by one, or could be, and values that are not kept."""
    rows = prepared.rows
    samples = count(rows.n_samples, "sample")
    if rows.compressed:
        found = (
            f"{samples} are fitted as {rows.number:,} rows with the same cross products: the fit is that of all of them"
        )
        yield note("samples-compressed", f"{found}, but no sample counts less than another for its noise")
    elif rows.compressible and rows.n_samples > _SLOW * rows.n_compressed:
        found = (
            f"single values are missing, so that every iteration reads {samples}: without them {rows.n_compressed:,} "
            f"rows would stand for these"
        )
        views = " and ".join(map(repr, rows.incomplete))
        fix = f"set max_missing: 0 for view {views} to leave out features with missing values"
        yield note("samples-not-compressed", found, fix=fix)
    if keep_data and prepared.too_large_to_keep:
        n_values = rows.n_samples * rows.n_features
        found = f"{n_values:,} fitted values are too many to be kept: nothing that needs them is reported"
        fix = "set max_features per view, or look at single genes in the data that you have"
        yield warning("values-not-kept", found, fix=fix)
