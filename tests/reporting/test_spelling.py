"""Gene sets have one spelling in figures, tables and downloads; their own names stand beside it."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from random_result import random_result

from pathfa.core.names import readable
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
