"""What cBioPortal is given: ids that it takes, values within its ranges, and a meta file beside every data file."""

import re

import numpy as np
import pandas as pd
import pytest
from random_result import random_result

from pathfa.analysis import to_cbioportal
from pathfa.core.errors import ConfigError

RESULT = random_result()
ALL = (
    "cancer_study_identifier",
    "genetic_alteration_type",
    "datatype",
    "stable_id",
    "profile_name",
    "profile_description",
)
FIELDS = {  # File-Formats of cBioPortal: what a meta file must have, and may have
    ("GENERIC_ASSAY", "LIMIT-VALUE"): (
        {*ALL, "generic_assay_type", "data_filename", "show_profile_in_analysis_tab"},
        {"generic_entity_meta_properties", "pivot_threshold_value", "value_sort_order", "patient_level"},
    ),
    ("GENESET_SCORE", "GSVA-SCORE"): (
        {*ALL, "source_stable_id", "data_filename", "show_profile_in_analysis_tab", "geneset_def_version"},
        set(),
    ),
    ("GENESET_SCORE", "P-VALUE"): ({*ALL, "source_stable_id", "data_filename", "geneset_def_version"}, set()),
}


@pytest.fixture
def written(tmp_path):
    return {path.name: path for path in to_cbioportal(RESULT, tmp_path / "study", study="mine_2026")}


def _meta(path):
    return dict(line.split(": ", 1) for line in path.read_text().splitlines())


def _data(path):
    return pd.read_csv(path, sep="\t", index_col=0, na_values="NA")


def test_every_data_file_has_its_meta_file(written):
    metas = {name: _meta(path) for name, path in written.items() if name.startswith("meta_")}
    assert {meta["data_filename"] for meta in metas.values()} == {n for n in written if n.startswith("data_")}
    assert {meta["cancer_study_identifier"] for meta in metas.values()} == {"mine_2026"}
    ids = [meta["stable_id"] for meta in metas.values()]
    assert len(set(ids)) == len(ids)
    assert {"gsva_scores", "gsva_pvalues"} <= set(ids)  # the only names that the portal takes of them
    for meta in metas.values():
        must, may = FIELDS[meta["genetic_alteration_type"], meta["datatype"]]
        assert must <= set(meta) <= must | may


def test_gene_sets_have_one_id_in_all_files_and_are_told_by_their_names(tmp_path):
    odd = {"HALLMARK_SET_0": 'Wnt/"beta-catenin" (5 genes)', "HALLMARK_SET_1": "GO:0006955  immune"}
    paths = to_cbioportal(random_result(rename=odd), tmp_path, study="mine")
    tables = [path.read_text().splitlines() for path in paths if path.name.startswith("data_")]
    assert len({tuple(line.split("\t")[0] for line in lines[1:]) for lines in tables}) == 1
    for lines in tables:
        assert len({line.count("\t") for line in lines}) == 1
        assert all(re.fullmatch(r"[A-Za-z0-9._-]+", line.split("\t")[0]) for line in lines)
    assert tables[0][1].split("\t")[:3] == ["Wnt__beta-catenin___5_genes_", *2 * [odd["HALLMARK_SET_0"]]]


def test_a_generic_assay_has_the_activities_as_they_are(written):
    meta = _meta(written["meta_pathfa_activity.txt"])
    assert (meta["genetic_alteration_type"], meta["datatype"]) == ("GENERIC_ASSAY", "LIMIT-VALUE")
    table = pd.read_csv(written["data_pathfa_activity.txt"], sep="\t")
    assert list(table.columns[:3]) == ["ENTITY_STABLE_ID", *meta["generic_entity_meta_properties"].split(",")]
    values = table.set_index("ENTITY_STABLE_ID")[list(RESULT.activity.index)]
    np.testing.assert_allclose(values.T, RESULT.activity, rtol=1e-5)


def test_scores_of_gene_sets_are_within_what_the_portal_takes(written):
    meta, tails_meta = (_meta(written[f"meta_{name}.txt"]) for name in ("gsva_scores", "gsva_pvalues"))
    assert (meta["datatype"], tails_meta["datatype"]) == ("GSVA-SCORE", "P-VALUE")
    assert tails_meta["source_stable_id"] == meta["stable_id"]
    scores, tails = (_data(written[f"data_{name}.txt"]) for name in ("gsva_scores", "gsva_pvalues"))
    assert scores.index.name == "geneset_id"
    assert list(scores.index) == list(tails.index) == list(RESULT.activity.columns)
    assert list(scores.columns) == list(tails.columns) == list(RESULT.activity.index)
    assert scores.abs().max().max() <= 1
    assert tails.min().min() > 0
    assert tails.max().max() <= 1
    pd.testing.assert_frame_equal(scores.rank(axis=1), RESULT.activity.T.rank(axis=1), check_names=False)
    known = RESULT.activity.T.abs() > 4 * RESULT.activity_sd.T
    assert (tails.to_numpy()[known.to_numpy()] < 1e-4).all()


@pytest.mark.parametrize(
    ("renamed", "study", "words"),
    [
        ({"patient3": "patient 3"}, "mine", "sample names: 1 name that cBioPortal refuses"),
        ({}, "my study", "study: 1 name that cBioPortal refuses"),
        ({"HALLMARK_SET_0": "A B", "HALLMARK_SET_1": "A_B"}, "mine", "gene sets: 2 gene sets have the same id"),
    ],
)
def test_what_the_portal_would_refuse_is_said_before_it_does(renamed, study, words, tmp_path):
    with pytest.raises(ConfigError, match=words):
        to_cbioportal(random_result(rename=renamed), tmp_path, study=study)


def test_a_set_that_is_alike_in_all_samples_has_no_score_above_others(tmp_path):
    flat = RESULT.activity * [0.0, *[1.0] * (RESULT.activity.shape[1] - 1)]
    sure = RESULT.activity_sd * [0.0, 0.0, *[1.0] * (RESULT.activity.shape[1] - 2)]
    paths = to_cbioportal(random_result(activity=flat, activity_sd=sure), tmp_path, study="mine")
    scores, tails = (_data(path) for path in paths if path.name.startswith("data_gsva"))
    assert (scores.iloc[0] == 0).all()
    assert (tails.iloc[0] == 1).all()
    assert tails.iloc[1].between(0, 1e-300, inclusive="right").all()
    assert not (scores.isna() | tails.isna()).any(axis=None)
