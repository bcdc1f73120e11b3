from pathlib import Path

import nbformat

NOTEBOOK = Path(__file__).parents[2] / "docs" / "tutorials" / "cohort.ipynb"


def test_is_short_and_stored_with_its_outputs():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    assert len(cells) < 40
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]


def test_runs_from_files_to_conclusions(tmp_path):
    from nbclient import NotebookClient

    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()  # raises at the first cell that fails
    said = "".join(output.get("text", "") for output in notebook.cells[-1].outputs)
    assert "were selected: 14 of 14" in said
