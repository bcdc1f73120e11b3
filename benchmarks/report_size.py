"""Size of a report, seconds to write it, and seconds until a browser shows its first figure.

    python benchmarks/report_size.py --data ../shared/data          CPTAC colon tumours with Hallmark and with Reactome

Fits 10 factors from one start with each collection, or reads models that were saved (``--models``). The browser is
Chromium without a network. Prints a row per report and ends with an error when a report is larger than 10 MB (up to 50
gene sets) or 20 MB.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from playwright.sync_api import sync_playwright

import pathfa as pf
from pathfa.data import read_cohort
from pathfa.reporting import files_of
from pathfa.result.result import PathFAResult, as_result

COLLECTIONS = {"hallmark": "h.all.v2024.1.Hs.symbols.gmt", "reactome": "c2.cp.reactome.v7.5.1.symbols.gmt"}
MEGABYTE = 1_000_000
FEW_SETS, SMALL, LARGE = 50, 10.0, 20.0  # gene sets, MB


def fitted(data: Path, collection: str) -> PathFAResult:
    """Return a fit of the colon tumours."""
    folder = data / "cptac_coad"
    cohort = read_cohort({"rna": folder / "transcriptomics.tsv.gz", "protein": folder / "proteomics_tumor.cct.gz"})
    model = pf.PathFA(n_factors=10, n_starts=1, progress=False)
    return as_result(model.fit(cohort, pf.read_gmt(data / "genesets" / COLLECTIONS[collection])))


def first_figure(page_file: Path) -> float:
    """Return the seconds from opening a report to its first figure, the better of two."""
    took = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for _ in range(2):
            page = browser.new_context(offline=True, viewport={"width": 1200, "height": 900}).new_page()
            began = time.perf_counter()
            page.goto(f"file://{page_file.resolve()}")
            page.wait_for_selector("html[data-ready]")
            page.evaluate("document.querySelector('.canvas').scrollIntoView()")
            page.wait_for_selector(".canvas .main-svg")
            took.append(time.perf_counter() - began)
        browser.close()
    return min(took)


def measure(result: PathFAResult, folder: Path) -> dict[str, float]:
    """Write a report, open it, and return what that took."""
    began = time.process_time()
    path = pf.report(result, folder / "report.html")
    seconds = time.process_time() - began
    tables = sum(item.stat().st_size for item in files_of(path).iterdir())
    return {
        "samples": len(result.scores),
        "gene sets": len(result.gene_set_names),
        "factors": len(result.factor_names),
        "MB": round(path.stat().st_size / MEGABYTE, 1),
        "MB of tables beside it": round(tables / MEGABYTE, 1),
        "processor seconds to write": round(seconds, 1),
        "seconds to first figure": round(first_figure(path), 1),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--models", type=Path, nargs="+", default=[], help="saved models in the place of fits")
    args = parser.parse_args()
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        for path in args.models:
            rows[path.stem] = measure(as_result(path), Path(folder))
        for name in () if args.models else COLLECTIONS:
            rows[name] = measure(fitted(args.data, name), Path(folder))
    table = pd.DataFrame(rows).T
    print(table.to_string())
    most = table["gene sets"].le(FEW_SETS).map({True: SMALL, False: LARGE})
    return int((table["MB"] > most).any())


if __name__ == "__main__":
    sys.exit(main())
