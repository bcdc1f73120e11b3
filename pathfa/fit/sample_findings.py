"""What is said of the samples of a fit: how many they are for it, and which are noisier than the cohort."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import takewhile

import pandas as pd

from pathfa.core.findings import Finding, note, warning
from pathfa.core.text import count, part_of
from pathfa.fit.problem import Prepared
from pathfa.result.judgement import LIMITS, Level

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


def outlying_values(known: Mapping[str, Mapping[str, float]], n_values: Mapping[str, float]) -> Iterator[Finding]:
    """Yield a note per view with values that were taken for missing because nothing explains them.

    ``known`` is the setting ``outlying_values`` of a result, ``n_values`` the number of values of each view.
    """
    for view, item in known.items():
        found = f"{part_of(int(item['number']), int(n_values[view]), 'value', 'are')} far from what factors and noise "
        found += "explain; they are taken for missing"
        fix = "pathfa.analysis.outlying_values lists them; with outlying_values='kept' all count"
        yield note("outlying-values", found, fix=fix, view=view)


def noisy_samples(quality: pd.DataFrame) -> Iterator[Finding]:
    """Yield a warning per view of the samples whose noise is far above that of the cohort, the noisiest first.

    ``quality`` is ``PathFAResult.sample_quality``, or that of new samples, N x views.
    """
    limit = LIMITS["noisy"]
    for view in quality.columns:
        sd = quality[view].dropna().pow(-0.5).sort_values(ascending=False)
        noisy = dict(takewhile(lambda item: limit.level(item[1]) is not Level.PASS, sd.items()))
        if noisy:
            found = f"{part_of(len(noisy), len(sd), 'sample', 'have')} more than {limit.caution:g} times the noise sd "
            found += "of the cohort"
            fix = "look at how they were measured; they count less in the fit, and their intervals are wider"
            items = [f"{name}: {value:.1f} times" for name, value in noisy.items()]
            yield warning("noisy-samples", found, "samples of like quality", fix, view=str(view), items=items)
