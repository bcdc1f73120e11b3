"""Every stage works for every shape: few or many samples and features, one view or several, complete or not."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, settings
from hypothesis import given as tried_with
from hypothesis import strategies as st

import pathfa as pf
from pathfa.analysis.export import result_tables
from pathfa.cli import main
from pathfa.core.findings import Severity
from pathfa.reporting.page.tables import files_of

QUICK = {"n_starts": 2, "max_factors": 3, "max_iter": 6}


def cohort(
    n: int, sizes: list[int], missing: bool, absent: bool
) -> tuple[dict[str, pd.DataFrame], dict[str, list[str]]]:
    """Return tables of one factor over all features, and gene sets of eight features each."""
    rng = np.random.default_rng(n)
    names, samples = [f"G{i}" for i in range(max(sizes))], [f"S{i}" for i in range(n)]
    score, views = rng.normal(size=(n, 1)), {}
    for number, size in enumerate(sizes):
        x = score * rng.uniform(0.5, 1.5, size) + rng.normal(size=(n, size))
        if missing:
            x[rng.random(x.shape) < 0.15] = np.nan
        table = pd.DataFrame(x, index=samples, columns=names[:size])
        views[f"view{number}"] = table.iloc[: n - n // 3] if absent and number else table
    starts = range(0, max(1, min(40, len(names) - 7)), 8)
    return views, {f"SET{start}": names[start : start + 8] for start in starts}


def covariates(n: int) -> pd.DataFrame:
    rng = np.random.default_rng(n)
    columns = {
        "grade": rng.choice(["low", "high"], n),
        "age": rng.normal(60, 9, n),
        "batch": rng.choice(["a", "b"], n),
        "months": rng.exponential(9, n).round(1),
        "died": rng.integers(0, 2, n),
    }
    return pd.DataFrame(columns, index=[f"S{i}" for i in range(n)])


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=4, derandomize=True, suppress_health_check=list(HealthCheck))
@example(n=90, sizes=[40, 30], missing=False, absent=False)  # compressed for the fit
@example(n=2, sizes=[5], missing=False, absent=False)
@example(n=1, sizes=[9], missing=False, absent=False)
@tried_with(
    n=st.sampled_from([2, 3, 5, 9, 30, 90]),
    sizes=st.lists(st.sampled_from([1, 5, 12, 60]), min_size=1, max_size=3),
    missing=st.booleans(),
    absent=st.booleans(),
)
def test_a_cohort_of_any_shape_has_a_report_or_is_refused_before_the_fit(n, sizes, missing, absent, tmp_path_factory):
    views, sets = cohort(n, sizes, missing, absent)
    errors = [item for item in pf.validate(views, sets) if item.severity is Severity.ERROR]
    model = pf.PathFA(**QUICK, progress=False, n_jobs=1)
    if errors:
        with pytest.raises(pf.errors.InputError):
            model.fit(views, sets)
        return
    folder = tmp_path_factory.mktemp("shape")
    model.fit(views, sets).save(folder / "model.h5")
    loaded = pf.PathFA.load(folder / "model.h5")
    assert len(list(result_tables(loaded))) > 10
    assert list(loaded.result_.data) == list(views)
    path = pf.report(
        loaded, folder / "report.html", covariates=covariates(n), technical=["batch"], time="months", event="died"
    )
    # of data that support no factor there is nothing to explain
    assert (files_of(path) / "variance-explained.tsv").is_file() == bool(loaded.factor_names_)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "sizes", "missing"),
    [
        (400, [160, 130], False),
        (2000, [40], False),
        (600, [30, 20], True),
        (40, [500, 400, 30], True),
        (16, [500], False),
    ],
)
def test_a_run_goes_through_to_its_report(n, sizes, missing, tmp_path, capsys):
    views, sets = cohort(n, sizes, missing, absent=missing)
    for name, table in views.items():
        table.T.to_csv(tmp_path / f"{name}.tsv", sep="\t")
    lines = ["\t".join([name, "", *members]) for name, members in sets.items()]
    (tmp_path / "sets.gmt").write_text("\n".join(lines) + "\n")
    covariates(n).rename_axis("sample").to_csv(tmp_path / "patients.tsv", sep="\t")
    config = {
        "output": str(tmp_path / "results"),
        "cohorts": {
            "a": {
                "views": {name: str(tmp_path / f"{name}.tsv") for name in views},
                "covariates": str(tmp_path / "patients.tsv"),
            }
        },
        "covariates": {"technical": ["batch"], "time": "months", "event": "died"},
        "gene_sets": {"own": str(tmp_path / "sets.gmt")},
        "runs": {"main": QUICK},
        "checks": ["heldout"],
        "gate": {"min_samples": 2, "min_features": 1, "min_gene_sets": 1, "min_shared": 1},
    }
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    assert main(["run", str(tmp_path / "config.yaml"), "--json"]) == 0
    (report,) = json.loads(capsys.readouterr().out)["reports"]
    explained = pd.read_csv(files_of(Path(report)) / "variance-explained.tsv", sep="\t")
    assert explained["lower"].notna().all()  # which takes the fitted values
