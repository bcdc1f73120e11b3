"""Names of files and near names."""

import pytest

from pathfa.core.names import collection_name, did_you_mean, plain_name


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("a/h.all.v2024.1.Hs.symbols.gmt", "h.all.v2024.1.Hs.symbols"),
        ("my sets.GMT.gz", "my_sets"),
        ("sets.tsv", "sets"),
        (".gmt", "gene_sets"),
    ],
)
def test_a_collection_is_called_as_its_file_without_the_format(path, name):
    assert collection_name(path) == name


def test_a_name_can_be_that_of_a_folder():
    assert plain_name("../my cohort", "cohort") == "my_cohort"
    assert plain_name("...", "cohort") == "cohort"


@pytest.mark.parametrize(
    ("name", "meant"), [("bacth", "batch"), ("Set 1", "SET_01"), ("set_19", "SET_19"), ("AGE", "age"), ("zzz", "")]
)
def test_the_nearest_name(name, meant):
    known = ["age", "batch", "SET_01", "SET_10", "SET_19"]
    assert did_you_mean(name, known, "no") == (f"did you mean '{meant}'?" if meant else "no")
