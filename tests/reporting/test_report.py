import json
import re

import numpy as np
import pandas as pd
import pytest
from random_result import random_result

from pathfa.core.errors import AlignmentError, ConfigError
from pathfa.data.validation.samples import personal
from pathfa.reporting import files_of, report, status_path
from pathfa.reporting.page.render import as_json
from pathfa.reporting.page.tables import tsv
from pathfa.reporting.study.gather import code_names

HOSTILE = "=cmd|'/c calc'!A1<script>alert(1)</script>"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("report") / "report.html"
    result = random_result(rename={"HALLMARK_SET_0": HOSTILE, "patient0": "</script><img src=x onerror=alert(2)>"})
    report(result, path, title="<i>Title</i>")
    return path


def test_one_file_and_its_folder(page):
    names = {item.name for item in files_of(page).iterdir()}
    assert {"status.json", "findings.tsv", "activity.tsv", "variance-explained.tsv", "README.txt"} <= names
    assert {item.name for item in page.parent.iterdir()} == {"report.html", "report_files"}


def test_multiqc_is_given_a_row_of_a_table_with_nothing_that_runs(page):
    given = json.loads((files_of(page) / "pathfa_mqc.json").read_text(encoding="utf-8"))
    status = json.loads((files_of(page) / "status.json").read_text(encoding="utf-8"))
    assert (given["id"], given["plot_type"]) == ("pathfa", "table")
    ((name, row),) = given["data"].items()
    assert name == "&lt;i&gt;Title&lt;/i&gt;"
    assert row["verdict"] == status["verdict"]
    assert status["figures"].items() <= row.items()
    assert list(given["headers"]) == list(row)
    two_digits = {name for name, header in given["headers"].items() if header.get("format") == "{:,.2f}"}
    assert two_digits == {name for name, value in row.items() if isinstance(value, float)} != set()
    assert "<" not in json.dumps(given)


def test_a_second_report_replaces_the_first(page):
    stale = files_of(page) / "stale.tsv"
    stale.write_text("old")
    report(random_result(), page.with_name("again.html"))
    report(random_result(), page.with_name("again.html"))
    assert not (files_of(page.with_name("again.html")) / "stale.tsv").exists()
    stale.unlink()


def test_nothing_is_left_when_it_fails(tmp_path, monkeypatch):
    monkeypatch.setattr("pathfa.reporting.write.tsv", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        report(random_result(), tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_hostile_names_are_text(page):
    html = page.read_text(encoding="utf-8")
    assert "<script>alert" not in html
    assert "<img" not in html.split("</header>")[1].split('<script type="application/json"')[0]
    assert "</script><img" not in html
    assert "&lt;i&gt;Title" in html
    table = (files_of(page) / "gene-set-weights.tsv").read_text(encoding="utf-8")
    assert "\t=cmd" not in table
    assert "\n=cmd" not in table
    assert "'=cmd" in table


def test_the_policy_names_every_script(page):
    import base64
    import gzip
    import hashlib

    html = page.read_text(encoding="utf-8")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html).group(1).replace("&#39;", "'")
    own = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    packed = re.findall(r'<script type="application/gzip" id="library">(.*?)</script>', html)
    assert len(own) == len(packed) == 1
    for script in (*own, gzip.decompress(base64.b64decode(packed[0])).decode()):
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("script-src")[1].split(";")[0]


def test_status_says_what_an_index_needs(page):
    status = json.loads(status_path(page).read_text(encoding="utf-8"))
    assert status["verdict"] == "DO NOT INTERPRET"  # random loadings have no annotated share
    assert [reason["level"] for reason in status["reasons"]] == sorted(
        (reason["level"] for reason in status["reasons"]), key=["DO NOT INTERPRET", "CAUTION"].index
    )
    assert status["figures"]["samples"] == 24
    assert status["report"] == "report.html"


def test_tables_beside_the_report_hold_the_numbers(page):
    table = pd.read_csv(files_of(page) / "variance-explained.tsv", sep="\t")
    expected = random_result().variance_explained
    views = table["view"].unique()
    assert list(views) == list(expected.columns)
    for view in views:
        np.testing.assert_allclose(table.loc[table["view"] == view, "r2"], expected[view], rtol=1e-5)
    assert table["lower"].notna().all()


def test_a_fit_that_did_not_keep_its_data_has_a_report(tmp_path):
    path = report(random_result(keep_data=False), tmp_path / "report.html")
    assert not (files_of(path) / "concordance.tsv").exists()
    assert (files_of(path) / "activity.tsv").is_file()


def test_simulated_data_are_named(tmp_path):
    result = random_result(provenance={"version": "0.0", "simulated": True})
    html = report(result, tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Report from simulated data." in html
    assert "Report from simulated data." not in report(random_result(), tmp_path / "r.html").read_text(encoding="utf-8")


def test_anonymous_reports_hold_no_sample_name(tmp_path):
    result = random_result(rename={f"patient{i}": f"Jane-{i}-Doe" for i in range(24)})
    path = report(result, tmp_path / "report.html", anonymise=True)
    texts = [path.read_text(encoding="utf-8"), *(f.read_text(encoding="utf-8") for f in files_of(path).iterdir())]
    assert not any("Jane-" in text for text in texts)  # no hyphen is in what is packed
    assert not any("folder/rna.tsv" in text for text in texts)  # where a view was read from
    assert "folder/rna.tsv" in report(result, tmp_path / "open.html").read_text(encoding="utf-8")
    assert "Sample names are replaced" in texts[0]


def test_codes_are_distinct_and_depend_on_the_salt():
    names = pd.Index([f"s{i}" for i in range(2000)])
    codes = code_names(names, "a")
    assert len(set(codes.values())) == 2000
    assert codes != code_names(names, "b")


@pytest.mark.parametrize(
    ("name", "values", "out"),
    [
        ("Patient_Name", ["a", "b"], True),
        ("date_of_birth", [1, 2], True),
        ("contact", ["a@b.org", "c@d.org"], True),
        ("visit", ["2020-01-02", "2020-01-03"], True),
        ("remark", [f"text {i}" for i in range(60)], True),
        ("age", [50.5, 60.0], False),
        ("stage", ["I", "II"] * 20, False),
        ("gene_name_version", ["a", "b"], False),
    ],
)
def test_personal_columns(name, values, out):
    assert bool(personal(name, pd.Series(values))) is out


def test_tables_run_nothing_in_a_spreadsheet():
    text = tsv(
        pd.DataFrame({"=a": ["=1+1", "@x", "-y", "a\tb\nc", None], "n": [-1.0, np.nan, 0.1, 1e-9, 2.0], "b": True})
    )
    rows = [line.split("\t") for line in text.rstrip("\n").split("\n")]
    assert rows[0] == ["'=a", "n", "b"]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'@x", "'-y", "a b c", ""]
    assert [row[1] for row in rows[1:]] == ["-1", "", "0.1", "1e-09", "2"]
    assert rows[1][2] == "yes"


def test_json_cannot_end_its_element():
    text = as_json({"a": "</script><!-- \u2028"})
    assert "<" not in text
    assert json.loads(text) == {"a": "</script><!-- \u2028"}
    with pytest.raises(ValueError, match="JSON"):
        as_json([float("nan")])


def test_covariates_under_names_that_are_numbers(tmp_path):
    result = random_result(rename={f"patient{i}": str(i) for i in range(24)})
    table = pd.DataFrame({"age": np.arange(20.0), "sex": ["f", "m"] * 10}, index=range(20))
    path = report(result, tmp_path / "report.html", covariates=table)
    assert (files_of(path) / "associations.tsv").is_file()
    assert "4 of 24 samples have no covariate." in path.read_text(encoding="utf-8")


def test_covariates_of_other_samples_are_refused(tmp_path):
    table = pd.DataFrame({"age": np.arange(20.0)}, index=[f"other{i}" for i in range(20)])
    with pytest.raises(AlignmentError, match="none of the samples of the model"):
        report(random_result(), tmp_path / "report.html", covariates=table)
    assert list(tmp_path.iterdir()) == []


def test_a_technical_covariate_that_is_not_there_is_no_typo_to_pass_over(tmp_path):
    obs = pd.DataFrame({"batch": ["a", "b"] * 12}, index=random_result().scores.index)
    with pytest.raises(ConfigError, match="did you mean 'batch'"):
        report(random_result(), tmp_path / "report.html", covariates=obs, technical=["bacth"])


def atlas_of(path):
    html = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'id="data-atlas">(.*?)</script>', html, re.DOTALL).group(1))


def test_a_page_holds_the_loadings_of_all_features_unless_they_are_too_many(tmp_path, monkeypatch):
    result = random_result(n_features=300, set_share=0.02)
    views = atlas_of(report(result, tmp_path / "all.html"))["views"]
    assert [len(view["genes"]) for view in views] == [len(table) for table in result.loadings.values()]
    assert all(view["complete"] for view in views)
    size = sum(table.size for table in result.loadings.values())
    monkeypatch.setattr("pathfa.reporting.page.data.MOST_LOADINGS", size - 1)
    some = atlas_of(report(result, tmp_path / "some.html"))["views"]
    assert all(len(few["genes"]) < len(view["genes"]) for few, view in zip(some, views, strict=True))
    assert not any(view["complete"] for view in some)
    assert [few["values"] for few in some] == [view["values"] for view in views]
