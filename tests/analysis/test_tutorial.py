from pathlib import Path

import nbformat
import pytest

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
LAST = {
    "cohort": ["were selected: 14 of 14"],
    "many_cohorts": ["covariates whose planted set was found again: 4 of 4"],
    "cells": ["found with the disease: ANTIGEN_PRESENTATION, INTERFERON_ALPHA_RESPONSE\n"],
}
"""Per notebook on simulated data what its last cell says."""
REAL = {"coad": ["HALLMARK_INTERFERON_GAMMA_RESPONSE"]}
"""Of those whose data do not belong here, nor what follows from them."""


@pytest.mark.parametrize("name", LAST)
def test_is_short_and_stored_with_its_outputs(name):
    cells = nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4).cells
    assert len(cells) < 40
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    outputs = [output for cell in code for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "error"]
    assert not [output for output in outputs if output.get("name") == "stderr"]  # of the machine it ran on
    assert sum("pf.pl." in cell.source for cell in code) >= 5


@pytest.mark.parametrize("name", REAL)
def test_of_real_data_nothing_is_stored(name):
    cells = nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4).cells
    assert [cell for cell in cells if cell.get("outputs")] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", [*LAST, *(pytest.param(name, marks=pytest.mark.realdata) for name in REAL)])
def test_runs_from_files_to_conclusions(name, tmp_path, shared_data, monkeypatch):
    from nbclient import NotebookClient

    monkeypatch.setenv("PATHFA_SHARED_DATA", str(shared_data.resolve()))
    notebook = nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()  # raises at the first cell that fails
    said = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert all(words in said for words in {**LAST, **REAL}[name])
