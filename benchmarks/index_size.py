"""Size of an index page over many fits, and seconds to write it: the fits of a folder of results, again and again.

pathfa run config.yaml                                  a configuration with two cohorts or more
python benchmarks/index_size.py results --fits 1000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

from pathfa.reporting import write_index_page
from pathfa.workflow.index import collect
from pathfa.workflow.layout import Layout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("results", type=Path)
    parser.add_argument("--fits", type=int, default=1000)
    parser.add_argument("--out", type=Path, help="page to keep")
    given = parser.parse_args()
    done = [entry for entry in collect(Layout(str(given.results))) if entry["state"] == "done"]
    entries = [
        {**entry, "cohort": f"c{number:04d}", "title": f"{entry['cohort']} {number}"}
        for number, entry in enumerate(islice(cycle(done), given.fits))
    ]
    with tempfile.TemporaryDirectory() as folder:
        page = given.out or Path(folder) / "index.html"
        began = time.process_time()
        write_index_page(entries, page)
        took, size = time.process_time() - began, page.stat().st_size / 1e6
    print(f"{len(entries)} fits: {took:.1f} processor seconds, {size:.1f} MB")


if __name__ == "__main__":
    main()
