"""Log evidence of the real cohorts with fixed options: what must not move when only the code does.

Run as ``python benchmarks/evidence.py tests/data/cohorts/*.yaml``; each argument is a configuration.
"""

import sys
import time
from pathlib import Path

from configured import cohorts_of

import pathfa as pf


def main() -> None:
    for path in sys.argv[1:]:
        for cohort in cohorts_of(Path(path)):
            begun = time.perf_counter()
            model = pf.PathFA(n_factors=5, n_starts=2, n_jobs=1, progress=False).fit(cohort.data, cohort.gene_sets)
            seconds = time.perf_counter() - begun
            members = model.member_probability_
            gained = model.log_evidence_ - model.selection_.set_index("chosen").loc[True, "log_evidence"]
            told = f"{model.settings_['loading_prior']}, {model.n_iter_} iterations, {seconds:.0f} s; "
            told += f"{gained:.0f} nats by members that do not take part ({(members < 0.5).mean():.0%})"
            sys.stdout.write(f"{cohort.name} {model.log_evidence_!r} nats, {told}\n")


if __name__ == "__main__":
    main()
