"""Every limit behind the verdict, in one place, with the reason for it.

They say when a reader must be warned, not when a result is true.
"""

from __future__ import annotations

MIN_SAMPLES = 15
"""Below: DO NOT INTERPRET. With fewer samples a factor can be fitted to almost anything; published multi-omics factor
analyses advise at least 15."""

FEW_SAMPLES = 30
"""Below: CAUTION. Correlations have standard errors near 0.2."""

MIN_SAMPLES_PER_FACTOR = 3
"""Below: CAUTION. With so few samples for each factor, single factors change with every sample."""

MIN_SHARED = 10
"""Fewer samples with every view: CAUTION, because little ties the views together."""

MIN_EXPLAINED = 0.05
"""All factors together explain less in every view: DO NOT INTERPRET, there is next to nothing to describe."""

MAX_EXPLAINED = 0.98
"""All factors together explain more of a view: DO NOT INTERPRET. Nothing is left that could be noise, so the factors
repeat the data, as happens when there are nearly as many factors as samples."""

MIN_START_AGREEMENT = 0.80
"""Mean correlation of matched factors between the chosen start and those that are as good, below: CAUTION."""

MIN_ANNOTATED = 0.03
"""Share of the members' loadings that gene sets account for, weighted by explained variance, below: DO NOT INTERPRET
as programmes. Random gene sets on noise reach about 0.02."""

LOW_ANNOTATED = 0.15
"""Below: CAUTION, most of what the factors hold is not what the gene sets say."""

MIN_COVERAGE = 0.30
"""Median share of measured members, in the best view, below: CAUTION; gene sets are judged by few of their genes."""

BATCH_Q = 0.05
"""Largest q at which a technical covariate counts as associated with a factor."""

BATCH_EFFECT = 0.25
"""Share of a factor's variance that goes with a technical covariate, at least: CAUTION."""

BATCH_LEADING = 0.60
"""The same for the leading factor: DO NOT INTERPRET, the main finding is the batch."""

MAX_DECOY_SHARE = 0.10
"""Share of the squared contributions that random gene sets take, as many and as large as the real ones, above: CAUTION.
Where all factors are of gene sets it is below 0.05."""

NO_BETTER_THAN_DECOYS = 0.50
"""The same above: DO NOT INTERPRET. So it is above ``MAX_DECOY_SHARE`` where no selected gene set stands out: on noise,
and where factors are of no gene set, random sets take 0.3 to 0.6, and none of the real ones stands out."""

DECOY_Q = 0.10
"""Largest q against random gene sets at which a gene set stands out from them."""

MIN_HELDOUT = 0.0
"""R2 of left-out samples, from the source that predicts best, at or below: DO NOT INTERPRET, the factors describe these
samples and no others. Where only its interval reaches so low: CAUTION."""

MIN_EVIDENCE_GAIN = 0.0
"""Log evidence (nats) that gene sets add to the same model without them, below: CAUTION, they do not describe the
data."""

MIN_STABILITY = 0.50
"""Median similarity of matched factors over resamples below: CAUTION."""
