"""What is no cohort: each thing is refused in words that say what it is and what was expected."""

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import pathfa
from pathfa.core.errors import AlignmentError, ConfigError, GeneSetError, InputError
from pathfa.data import GeneSets, as_cohort, read_cohort, validate
from pathfa.data.gene_sets.gmt import write_gmt
from pathfa.data.io.settings import ViewOptions

TABLE = pd.DataFrame(np.arange(12.0).reshape(4, 3) ** 1.5, index=list("abcd"), columns=["MX1", "OAS1", "CA9"])
SETS = GeneSets({"INTERFERON": ["MX1", "OAS1"]})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (5, "the data are a int; expected a MuData, an AnnData, a DataFrame"),
        ({}, "the data contain no view; expected at least one"),
        ({"rna": [[1.0]]}, "view 'rna': it is a list; expected an AnnData or a DataFrame"),
        ({"rna": ad.AnnData(obs=pd.DataFrame(index=list("ab")), layers=None)}, "view 'rna': its X is empty"),
        ({"rna": ad.AnnData(TABLE.to_numpy() + 1j)}, "view 'rna': its matrix has the type complex128"),
    ],
)
def test_data_that_are_no_cohort(data, words):
    with pytest.raises(InputError, match=words):
        as_cohort(data)


@pytest.mark.parametrize("data", [5, {}])
def test_what_is_no_container_is_raised_by_the_validation_too(data):
    with pytest.raises(InputError, match="expected"):
        validate(data, SETS)


def test_the_validation_lists_why_no_view_could_be_read():
    (said,) = validate({"rna": [[1.0]]}, SETS)
    assert (said.code, said.view) == ("unknown-container", "rna")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (5, "the source is a int; expected a path, a mapping of views"),
        ({}, "no view is named; expected at least one"),
        ({"rna": None}, "view 'rna' has no path. Fix: set path"),
    ],
)
def test_sources_that_are_none(source, words):
    with pytest.raises(InputError, match=words):
        read_cohort(source)


def test_a_view_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(AlignmentError, match="no view 'protein'; their views are rna"):
        as_cohort({"rna": TABLE}).view("protein")


def test_two_cell_types_with_one_name_as_a_view():
    obs = pd.DataFrame({"donor": list("aabb"), "type": ["T cell", "T/cell"] * 2}, index=list("wxyz"))
    cells = ad.AnnData(np.ones((4, 3)), obs=obs)
    with pytest.raises(InputError, match="two cell types get the same name as a view"):
        pathfa.pseudobulk(cells, sample="donor", cell_type="type", min_cells=1)


def test_repeated_features_of_a_sparse_view_have_no_median():
    cells = ad.AnnData(sparse.csr_matrix(TABLE.to_numpy()), obs=pd.DataFrame(index=TABLE.index))
    cells.var_names = ["MX1", "MX1", "CA9"]
    with pytest.raises(InputError, match="not possible for a sparse matrix; expected sum, mean, first or drop"):
        read_cohort({"rna": cells}, options={"rna": ViewOptions(duplicates="median")})


def test_a_sample_pattern_that_fits_no_sample():
    with pytest.raises(InputError, match=r"no sample matches sample_pattern .P\.."):
        read_cohort({"rna": ad.AnnData(TABLE)}, options={"rna": ViewOptions(sample_pattern="P.")})


@pytest.mark.parametrize("given", [{"long_samples": "sample"}, {"long_values": "value"}])
def test_half_of_a_long_table_is_not_enough(given):
    with pytest.raises(ConfigError, match="long_samples and long_values belong together"):
        ViewOptions(**given)


def test_gene_sets_with_tabs_are_not_written(tmp_path):
    with pytest.raises(GeneSetError, match="gene set 'A' contains tabs or line ends"):
        write_gmt(GeneSets({"A": ["MX1\tOAS1", "CA9"]}), tmp_path / "a.gmt")
    assert not (tmp_path / "a.gmt").exists()


def test_gene_sets_are_equal_to_gene_sets_only():
    assert SETS != {"INTERFERON": ["MX1", "OAS1"]}
    with pytest.raises(ConfigError, match="views='some' is not known; expected 'any' or 'all'"):
        SETS.filter(features=["MX1"], views="some")


def test_levels_that_are_the_same_as_text_are_one(frame):
    kinds = pd.Categorical([1, "1", 2, 1] * 5, categories=[1, "1", 2])
    rna = ad.AnnData(frame(), obs=pd.DataFrame({"kind": kinds}, index=frame().index))
    assert as_cohort({"rna": rna}).obs["kind"].value_counts().to_dict() == {"1": 15, "2": 5}


def test_a_covariate_is_filled_from_the_view_that_knows_it(frame):
    known, void = frame(), frame(seed=1)
    obs = [pd.DataFrame({"age": [age] * 20}, index=known.index) for age in (None, 61.0)]
    obs[0]["age"] = obs[0]["age"].astype(float)
    views = {name: ad.AnnData(table, obs=each) for name, table, each in zip("ab", (void, known), obs, strict=True)}
    assert (as_cohort(views).obs["age"] == 61.0).all()
