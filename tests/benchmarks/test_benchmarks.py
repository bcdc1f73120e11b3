"""Every benchmark ends and prints figures: with its smallest options, on data that are made up."""

import re
from string import Formatter

import pytest

# Of every command: ``{data}`` is a folder of made-up cohorts, ``{other}`` the one in which the benchmark ``other`` ran.
SMALLEST = {
    "agreement": "--data {data} --factors 2 --seeds 2",
    "association": "--seeds 1",
    "calibration": "--seeds 1 --n 20 --priors strict",
    "coad": "--data {data} --seeds 1 --factors 2",
    "coad_biology": "--data {data} --factors 3",
    "coad_outcome": "--data {data} --model {coad_biology}/results/coad_biology/model.h5 --repeats 1 "
    "--outcomes MSI purity --methods additive ridge",
    "coad_trust": "--data {data} --model {coad_biology}/results/coad_biology/model.h5 --repeats 1 --resamples 2",
    "cohorts": "{data}/coad.yaml",
    "curvature": "--data {data} --seeds 1",
    "evidence": "{data}/coad.yaml",
    "factor_peers": "muvi {data}/coad.yaml --epochs 2",
    "fit_costs": "--shrink 1000 --solve",
    "gene_set_figure": "{gene_set_scores}/results/benchmarks/gene_set_scores.csv --out figure.svg",
    "gene_set_scores": "{data}/coad.yaml --factors 2 --no-held-out",
    "imputation": "--data {data} --seeds 1",
    "index_size": "{verdicts}/results/verdicts --fits 3",
    "large_collections": "--data {data} --collections Hallmark",
    "matching": "{data}/coad.yaml --times 2",
    "misspecification": "--seeds 1 --n 20 --cases clean",
    "names": "--data {data} --seeds 1",
    "number_of_factors": "{data}/coad.yaml --factors 1 2 --splits 1 --starts 1",
    "paper_synthetic": "--data {data}/paper_synthetic --n 10 --seeds 1 --starts 1",
    "partial_samples": "--data {data} --seeds 1 --n 20 --splits 1 --factors 2",
    "peers": "--data {data} --factors 2 --splits 1",
    "permutation": "--data {data} --factors 2 --permutations 3 --survival 1",
    "planted_effects": "--n 20 --tau 0 --noise 1 --seeds 1 --methods PLAGE",
    "reading": "--shrink 100",
    "report_size": "--models {coad_biology}/results/coad_biology/model.h5",
    "scale": "--data {data} --shrink 10000 --cases cells Reactome --methods PathFA PCA",
    "scale_out": "--cohorts 2 --runner pathfa",
    "specialists": "--data {data} --factors 2",
    "verdicts": "--sheets {data} --cohorts noise --no-checks",
}
NEEDED = {"factor_peers": "muvi"}  # in an environment of its own
QUICK = {  # less than two seconds each; the others are slow
    "agreement", "association", "calibration", "coad", "cohorts", "evidence", "matching", "misspecification",
    "number_of_factors", "paper_synthetic", "planted_effects", "specialists",
}  # fmt: skip
MARKS = {"report_size": [pytest.mark.browser]}


@pytest.fixture(scope="session")
def run(ended, data):
    """Return what runs a benchmark once, and before it those whose files it reads."""

    def once(name):
        others = {field for _, field, *_ in Formatter().parse(SMALLEST[name]) if field} - {"data"}
        return ended(name, SMALLEST[name].format(data=data, **{other: once(other).folder for other in others}))

    return once


def test_every_command_is_run(scripts):
    commands = [path.stem for path in scripts.glob("*.py") if '__name__ == "__main__"' in path.read_text()]
    assert sorted(SMALLEST) == sorted(commands)


@pytest.mark.parametrize(
    "benchmark",
    [
        pytest.param(name, marks=[*MARKS.get(name, []), *([] if name in QUICK else [pytest.mark.slow])])
        for name in SMALLEST
    ],
)
def test_it_ends_and_prints_figures(benchmark, run):
    if benchmark in NEEDED:
        pytest.importorskip(NEEDED[benchmark], reason=f"{benchmark}.py needs {NEEDED[benchmark]}")

    done = run(benchmark)

    assert done.status == 0
    assert re.search(r"\d", done.printed)
