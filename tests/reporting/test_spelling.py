"""Gene sets have one spelling in figures, tables and downloads; their own names stand beside it."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from random_result import random_result

from pathfa.core.names import column_words, readable
from pathfa.reporting import files_of, report
from pathfa.reporting.page.tables import spelled

NAMES = st.lists(st.sampled_from([f"{head}_{tail}" for head in ("HALLMARK", "KEGG") for tail in "ABC"]), min_size=1)


@given(NAMES, st.data())
def test_every_gene_set_keeps_its_own_name_beside_the_readable_one(names, data):
    rows = [names[0], *data.draw(st.lists(st.sampled_from([*names, "F1 a factor"])))]
    table = pd.DataFrame({"feature": rows, "near_copies": [" | ".join(names)] * len(rows)})
    found = spelled(table, names)
    for (name, _), (label, copies, own) in zip(
        table.itertuples(index=False),
        found[["feature", "near_copies", "gene_set_id"]].itertuples(index=False),
        strict=True,
    ):
        assert (label, own) == ((readable(name), name) if name in names else (name, ""))
        assert copies == " | ".join(map(readable, names))


def test_a_table_of_other_things_has_no_column_for_names_of_gene_sets():
    table = pd.DataFrame({"feature": ["F1 a factor", "CD8A"], "q": [0.1, 0.2]})
    assert list(spelled(table, ["HALLMARK_A"])) == ["feature", "q"]


@given(NAMES)
def test_no_two_columns_of_a_wide_table_get_one_name(names):
    table = pd.DataFrame([range(len(set(names)))], columns=list(dict.fromkeys(names)))
    found = spelled(table, set(names))
    assert found.columns.is_unique
    assert found.shape == table.shape


def test_the_tables_of_a_report_speak_as_its_figures_do(tmp_path):
    result = random_result()
    path = report(result, tmp_path / "report.html")
    read = {file.stem: pd.read_csv(file, sep="\t") for file in files_of(path).glob("*.tsv")}
    named = {name: table for name, table in read.items() if "gene_set" in table and len(table)}
    assert {"concordance", "coverage", "gene-set-weights"} <= set(named)
    for table in named.values():
        assert list(table["gene_set"]) == [readable(name) for name in table["gene_set_id"]]
    assert list(read["activity"].columns[1:]) == [readable(name) for name in result.gene_set_names]


def test_covariates_have_one_spelling_in_every_part_of_a_report_and_are_taken_in_both(tmp_path):
    result, rng = random_result(n_samples=60), np.random.default_rng(0)
    table = pd.DataFrame({
        "T_stage": ["I", "II", "III"] * 20,
        "Immune_Score": rng.normal(size=60),
        "age_at_diagnosis": np.arange(60.0) + rng.normal(size=60),
        "TMT_plex": np.repeat(["a", "b"], 30),
        "os_months": rng.exponential(9.0, 60),
        "os_event": rng.integers(0, 2, 60),
        "all_the_same": 1.0,
        "patient_name": [f"Jo {place}" for place in range(60)],
    }, index=result.scores.index)  # fmt: skip
    pages = []
    for names in (dict.fromkeys(table.columns, ""), column_words(table.columns)):
        asked = {key: names[key] or key for key in ("TMT_plex", "os_months", "os_event")}
        path = report(
            result, tmp_path / "report.html", covariates=table, technical=[asked["TMT_plex"]],
            time=asked["os_months"], event=asked["os_event"],
        )  # fmt: skip
        files = {file.name: file.read_text() for file in files_of(path).iterdir()}
        pages.append({"page": path.read_text(), **files})
    assert pages[0].keys() == pages[1].keys()
    for name, text in {**pages[0], **pages[1]}.items():
        assert [column for column in table.columns if column in text] == [], name
    assert "T stage" in pages[0]["associations.tsv"]
    assert "age at diagnosis" in pages[0]["page"]
