"""Prior of which gene-set weights are not 0.

Of many weights that are 0 some seem to help by chance. That a weight is not 0 therefore has a prior probability, the
same for all n weights and itself Beta(1, n) (Castillo & van der Vaart 2012). With it integrated out, a certain choice
of a of them has

    log p(choice) = log n + log Gamma(1 + a) + log Gamma(2 n - a) - log Gamma(1 + 2 n)

and the last of a weights costs log((2 n - a) / a) > 0: the price of a gene set rises with the number of those that
there were to choose from.
"""

from __future__ import annotations

import math


def choice_evidence(n_active: int, n: int) -> float:
    """Return the log prior probability of which ``n_active`` of ``n`` weights are not 0, nats."""
    if n == 0:
        return 0.0
    return math.log(n) + math.lgamma(1.0 + n_active) + math.lgamma(2.0 * n - n_active) - math.lgamma(1.0 + 2.0 * n)


def choice_cost(n_active: int, n: int) -> float:
    """Return what the last of ``n_active`` weights costs, nats, at least 0; of the first one where there is none."""
    last = max(n_active, 1)
    return math.log((2.0 * n - last) / last) if n else 0.0
