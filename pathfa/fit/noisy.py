"""Which samples are noisier than the cohort."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from pathfa.core.findings import Finding, warning
from pathfa.core.text import part_of
from pathfa.result.judgement import LIMITS, Level


def noisy_samples(quality: pd.DataFrame) -> Iterator[Finding]:
    """Yield a warning per view of the samples whose noise is far above that of the cohort, the noisiest first.

    ``quality`` is ``PathFAResult.sample_quality``, or that of new samples, N x views.
    """
    limit = LIMITS["noisy"]
    for view in quality.columns:
        sd = quality[view].dropna().pow(-0.5).sort_values(ascending=False)
        noisy = sd[[limit.level(value) is not Level.PASS for value in sd]]
        if len(noisy):
            found = f"{part_of(len(noisy), len(sd), 'sample', 'have')} more than {limit.caution:g} times the noise sd "
            found += "of the cohort"
            fix = "look at how they were measured; they count less in the fit, and their intervals are wider"
            items = [f"{name}: {value:.1f} times" for name, value in noisy.items()]
            yield warning("noisy-samples", found, "samples of like quality", fix, view=str(view), items=items)
