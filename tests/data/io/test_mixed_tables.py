"""Whatever stands around the values of a table, the matrix that comes out is the one that went in."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathfa.core.errors import InputError
from pathfa.data import read_cohort
from pathfa.data.io.cells import MISSING, NOT_MEASURED, PLACEHOLDERS

GENES = ["MX1", "OAS1", "ISG15", "STAT1", "IRF1", "HLA-A", "B2M", "CDK1"]
EVERY = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
DESCRIBING = {
    "Length": ["900", "1200", "77", "8", "9", "1000", "1", "3"],
    "Entrez_Gene_Id": ["4599", "4938", "9636", "6772", "3659", "3105", "567", "983"],
    "Description": ["a text", "na", "b", "c; d", "e", "f", "g", "h"],
    "note": ["x", "y", "z", "x", "y", "z", "x", "y"],
    "Score": ["1.5", "2", "NA", "3", "4", "5", "6", "7"],
}
BLANKS = st.sampled_from(["", "", "", " ", "  "])


@st.composite
def matrices(draw):
    """Return values, and the genes in their rows and the samples in their columns."""
    genes = GENES[: draw(st.integers(4, 8))]
    samples = [f"P{i + 1:02d}" for i in range(draw(st.integers(3, 6)))]
    numbers = st.one_of(st.just(np.nan), st.floats(-50, 50).map(lambda value: round(value, 3)))
    size = len(genes) * len(samples)
    values = np.array(draw(st.lists(numbers, min_size=size, max_size=size))).reshape(len(genes), len(samples))
    values[0], values[:, 0] = 1.25, 2.5  # neither a gene nor a sample without a value
    return values, genes, samples


@st.composite
def tables(draw):
    """Return the text of a table with what programs write around its values, the matrix, genes and samples."""
    values, genes, samples = draw(matrices())
    in_rows = draw(st.booleans())
    missing = draw(st.sampled_from([*MISSING, *PLACEHOLDERS, *NOT_MEASURED]))
    padded = itertools.cycle(draw(st.lists(BLANKS, min_size=1, max_size=7)))

    def cell(text: str) -> str:
        return next(padded) + text + next(padded)

    matrix, rows, columns = (values.T, samples, genes) if in_rows else (values, genes, samples)
    body = [
        [cell(name), *(cell(missing if np.isnan(x) else repr(float(x))) for x in row)]
        for name, row in zip(rows, matrix, strict=True)
    ]
    header = [draw(st.sampled_from(["", "gene", "ID", "#gene"])), *map(cell, columns)]
    if not in_rows:
        described = draw(st.lists(st.sampled_from(sorted(DESCRIBING)), unique=True, max_size=2))
        at = draw(st.sampled_from([1, len(header)]))
        header[at:at] = described
        for number, row in enumerate(body):
            row[at:at] = [DESCRIBING[name][number] for name in described]
        if draw(st.booleans()):
            body.insert(0, ["N_unmapped", *("" if name in DESCRIBING else "5" for name in header[1:])])
    if draw(st.booleans()):
        header.append("")
        body = [[*row, ""] for row in body]
    delimiter, end = draw(st.sampled_from("\t,;")), draw(st.sampled_from(["\n", "\r\n"]))
    if any(delimiter in text for row in body for text in row):
        delimiter = "\t"
    lines = [delimiter.join(row) for row in [header, *body]]
    lines += [delimiter * (len(header) - 1)] * draw(st.integers(0, 1))
    comments = ["# made by a program", "#version 3, run 5", "##"][: draw(st.integers(0, 3))]
    if header[0].startswith("#"):
        comments = comments[:1]
    return end.join([*comments, *lines]) + end, values, genes, samples


@EVERY
@given(made=tables())
def test_what_comes_out_is_what_went_in(made, tmp_path) -> None:
    text, values, genes, samples = made
    path = tmp_path / "table.txt"
    path.write_bytes(text.encode())
    adata = read_cohort({"v": path}, gene_sets=[GENES])["v"]
    assert list(adata.var_names) == genes
    assert list(adata.obs_names) == samples
    np.testing.assert_array_equal(adata.X, values.T)


@EVERY
@given(
    made=matrices(),
    word=st.sampled_from(["<0.5", ">=90", "50%", "high", "1.5 mg", "2,5,1", "True"]),
    at=st.tuples(st.integers(0, 99), st.integers(0, 99)),
)
def test_a_cell_that_is_no_number_is_named(made, word, at, tmp_path) -> None:
    values, genes, samples = made
    cells = values.astype(object)
    row, column = at[0] % len(genes), at[1] % len(samples)
    cells[row, column] = word
    lines = [
        "\t".join(["gene", *samples]),
        *("\t".join([name, *map(str, line)]) for name, line in zip(genes, cells, strict=True)),
    ]
    (tmp_path / "table.tsv").write_text("\n".join(lines) + "\n")
    with pytest.raises(InputError) as caught:
        read_cohort({"v": tmp_path / "table.tsv"})
    (finding,) = caught.value.findings
    assert finding.count == 1
    assert f"{word} (row {genes[row]}, column {samples[column]})" in finding.examples
    assert finding.fix
    numbers = int(np.isfinite(values[:, column]).sum()) - int(np.isfinite(values[row, column]))
    others = "1 other there is a number" if numbers == 1 else f"{numbers} others there are numbers"
    assert (others in finding.found) is (numbers > 0)
