"""Log evidence of the real cohorts with fixed options: what must not move when only the code does.

Run as ``python benchmarks/evidence.py tests/data/cohorts/*.yaml``; each argument is a configuration.
"""

import sys
import time
from pathlib import Path

import pathfa as pf
from pathfa.workflow.config import load_config
from pathfa.workflow.read import read_collection, read_source


def main() -> None:
    for path in sys.argv[1:]:
        config = load_config(Path(path))
        collection = next(iter(config.gene_sets.values()))
        sets = read_collection(collection).filter(min_size=collection.min_size, max_size=collection.max_size)
        for name, source in config.cohorts.items():
            data = read_source(source)
            begun = time.perf_counter()
            model = pf.PathFA(n_factors=5, n_starts=2, n_jobs=1, progress=False).fit(data, sets)
            seconds = time.perf_counter() - begun
            told = f"{model.settings_['loading_prior']}, {model.n_iter_} iterations, {seconds:.0f} s"
            sys.stdout.write(f"{name} {model.log_evidence_!r} nats, {told}\n")


if __name__ == "__main__":
    main()
