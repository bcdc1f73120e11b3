"""Columns that tell how samples were measured are known by name, one rule for everything that asks."""

import pandas as pd
import pytest

from pathfa.core.columns import are_codes, is_technical

TECHNICAL = (
    "batch", "Batch", "batches", "batch_number", "BATCH.ID", "batch2", "rna_batch_effect", "RNAbatch", "seqBatch",
    "plate", "plate_id", "PlateID", "plates", "Sample_Plate", "TMT_set", "TMTset", "TMTplex", "tmt_plex", "tmt10plex",
    "plex", "lane", "Lane", "run", "run_id", "runID", "ms_run", "sequencing_run", "flow_cell", "FlowCell", "flowcell",
    "instrument", "instrument_model", "operator", "library", "library_size", "library_prep", "slide", "slide_id",
    "chip", "Chip.Number", "array", "array_id", "scan_date", "ScanDate", "sequencing_date", "processing_date",
    "center", "centre", "center_id", "centers", "sequencing_center", "cancer_center",
    "site", "Site", "sites", "site_id", "SiteID", "site_number", "hospital_site", "sequencing_site", "study_site",
    "tissue_source_site",
)  # fmt: skip
CLINICAL = (
    "platelets", "platelet_count", "Platelets", "planes", "plane", "opposite", "website", "runny_nose", "prune",
    "growth_plate", "chipmunk", "CHIP_mutation", "parasite", "composite", "planet", "complexity", "airplane",
    "tumor_site", "primary_site", "site_of_resection", "site_of_resection_or_biopsy", "metastatic_site", "body_site",
    "anatomic_site", "Subsite", "biopsy_site", "SiteOfOrigin", "cpg_site", "tumor_center", "set", "gene_set",
    "array_cgh_cluster", "run_distance", "treadmill_run", "slide_percent_tumor_nuclei", "percent_tumor_slides",
    "age", "sex", "stage", "treatment", "grade", "days_to_death", "vital_status", "date_of_birth", "scan", "centromere",
    "concentration", "rin", "", "1",
)  # fmt: skip


@pytest.mark.parametrize("name", TECHNICAL)
def test_technical(name):
    assert is_technical(name)


@pytest.mark.parametrize("name", CLINICAL)
def test_of_the_subject(name):
    assert not is_technical(name)


def test_names_that_are_no_text():
    assert not is_technical(7)


@pytest.mark.parametrize("as_type", ["int64", "Int64", str])
def test_few_whole_numbers_are_codes(as_type) -> None:
    groups = pd.Series([1, 2, 3, 4] * 5).astype(as_type)
    assert are_codes(groups)
    if as_type != "int64":
        assert are_codes(groups.where(groups.astype(str) != "4"))
    assert not are_codes(groups.astype(float))
    assert not are_codes(groups.iloc[:8])  # two of each
    assert not are_codes(pd.Series([0, 1] * 10).astype(as_type))
    assert not are_codes(pd.Series(range(20)).astype(as_type))
    assert not are_codes(pd.Series(["1", "2", "late"] * 5))
