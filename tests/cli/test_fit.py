"""What ``pathfa fit`` tells when it ends, and ``pathfa report`` of the covariates."""

import pandas as pd

import pathfa as pf
from pathfa.cli import main
from pathfa.core.findings import Severity


def test_a_fit_tells_its_warnings_as_in_python(tmp_path, capsys):
    cohort = pf.simulate(n_samples=12, seed=0)
    views = [f"{name}={tmp_path / name}.tsv" for name in cohort.mdata.mod]
    for name, view in cohort.mdata.mod.items():
        view.to_df().T.to_csv(tmp_path / f"{name}.tsv", sep="\t")
    sets = tmp_path / "sets.gmt"
    sets.write_text("".join("\t".join([name, "", *members]) + "\n" for name, members in cohort.gene_sets.items()))
    files = [*(word for view in views for word in ("--view", view)), "--gene-sets", str(sets)]
    options = ["--out", str(tmp_path / "model.h5"), "--n-factors", "5", "--n-starts", "1"]
    assert main(["fit", *files, *options]) == 0
    told = capsys.readouterr().err
    warned = [item for item in pf.PathFA.load(tmp_path / "model.h5").findings_ if item.severity is Severity.WARNING]
    assert {"few-samples", "many-factors"} <= {item.code for item in warned}
    assert all(str(item) in told for item in warned)

    sheet = pd.DataFrame(
        {"arm": ["drug", "Drug", "none"] * 4}, [f"{name[0]}-{name[1:]}" for name in cohort.mdata.obs_names]
    )
    sheet.to_csv(tmp_path / "patients.tsv", sep="\t")
    words = ["--covariates", str(tmp_path / "patients.tsv"), "--out", str(tmp_path / "report.html")]
    assert main(["report", str(tmp_path / "model.h5"), *words]) == 0
    told = capsys.readouterr().err
    assert "repaired: covariates: 12 of 12 samples are spelt otherwise" in told
    assert "(for example \"arm: 'drug' and 'Drug'\")" in told
