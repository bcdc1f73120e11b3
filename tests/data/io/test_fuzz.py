"""Any bytes: either they are read as they stand, or an error of PathFA says what is wrong. Nothing else happens."""

import csv
import gzip
import re
import string
from pathlib import Path

import anndata as ad
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from pathfa.core.errors import GeneSetError, InputError
from pathfa.data import as_cohort, read_cohort, read_gmt, validate
from pathfa.data.gene_sets.gmt import write_gmt
from pathfa.data.io.cells import MISSING
from pathfa.data.io.presets import annotation_columns
from pathfa.data.io.settings import ViewOptions
from pathfa.data.io.tables import read_numbers, read_sheet

FUZZ = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
NASTY = [
    "001", "1e5", "MARCH1", "-1.5", "=HYPERLINK(1)", "<script>alert(1)</script>", "a b", "Ünïcödé", "基因", "'; DROP",
    "x" * 500, "TRUE", "1-Mar-x", "@SUM", "\u202egnp", "a/b\\c", "None-1", "%s%n", "${x}", "\U0001f9ec",
]  # fmt: skip
NAMES = st.one_of(
    st.sampled_from(NASTY),
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters='"\t,;\ufeff'), min_size=1),
).filter(lambda name: name.strip() == name and name not in MISSING)


def _headers(names):
    """Lists of names that are not all numbers: such a line is refused where it looks like values (test_rows.py)."""
    number = re.compile(r"[+-]?[\d.,]+([eE][+-]?\d+)?")
    several = st.lists(names, min_size=2, max_size=5, unique=True)
    return several.filter(lambda header: not all(number.fullmatch(name) for name in header))


NUMBERS = st.one_of(st.just(np.nan), st.floats(allow_nan=False, allow_infinity=False), st.integers(-9, 9).map(float))
PIECES = st.sampled_from(
    ["\t", ",", ";", "\n", "\r\n", '"', "NA", "g1", "s1", "1.5", "-3", "1e999", "inf", "x", "", " ", "\x00", "é", "#"]
)
FILES = st.one_of(
    st.binary(max_size=300),
    st.lists(PIECES, max_size=60).map("".join).map(str.encode),
    st.lists(PIECES, max_size=60).map("".join).map(str.encode).map(gzip.compress),
    st.tuples(st.binary(min_size=20, max_size=200).map(gzip.compress), st.integers(1, 15)).map(lambda p: p[0][: -p[1]]),
    st.tuples(st.sampled_from([b"\x89HDF\r\n\x1a\n", b"PK\x03\x04", b"PAR1", b"<html>"]), st.binary()).map(b"".join),
)
SUFFIXES = st.sampled_from(
    [".tsv", ".csv", ".tsv.gz", ".txt", ".h5ad", ".h5mu", ".parquet", ".mtx", ".mtx.gz", ".cct.gz", ""]
)


def _read(call, kind=InputError):
    """Return what is read, or None when an error of PathFA says in words what is wrong."""
    try:
        return call()
    except kind as problem:
        if len(str(problem)) < 20 or "Traceback" in str(problem):
            pytest.fail(f"it says only {str(problem)!r}")
        return None


@FUZZ
@given(content=FILES, suffix=SUFFIXES)
@example(content=b",\x01\n,", suffix=".tsv")
def test_any_bytes_as_a_view(content: bytes, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"view{suffix}"
    path.write_bytes(content)
    cohort = _read(lambda: as_cohort(read_cohort({"rna": path})))
    if cohort is not None:
        assert np.isfinite(cohort.views[0].dense()[cohort.views[0].present]).any(axis=1).all()


@FUZZ
@given(content=FILES)
@example(content=b'\t\n\t"')
def test_any_bytes_as_a_sample_sheet(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "rna.tsv").write_text("\ts1\ts2\ng1\t1\t2\ng2\t3\t5\n")
    (tmp_path / "sheet.tsv").write_bytes(content)
    cohort = _read(lambda: as_cohort(read_cohort({"rna": tmp_path / "rna.tsv"}, samples=tmp_path / "sheet.tsv")))
    assert cohort is None or list(cohort.samples) == ["s1", "s2"]


@FUZZ
@given(content=FILES)
def test_any_bytes_as_gene_sets(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "sets.gmt").write_bytes(content)
    sets = _read(lambda: read_gmt(tmp_path / "sets.gmt"), GeneSetError)
    assert sets is None or (len(sets) and all(sets.members(name) for name in sets))


@FUZZ
@given(
    rows=st.lists(NAMES, min_size=2, max_size=6, unique=True),
    columns=_headers(NAMES),
    data=st.data(),
    delimiter=st.sampled_from("\t,"),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_tables_are_read_as_they_stand(rows, columns, data, delimiter, end, tmp_path: Path) -> None:
    values = np.array(
        data.draw(st.lists(st.lists(NUMBERS, min_size=len(columns), max_size=len(columns)),
                           min_size=len(rows), max_size=len(rows)))
    )  # fmt: skip
    lines = [["", *columns], *([name, *("" if np.isnan(x) else repr(float(x)) for x in row)]
                              for name, row in zip(rows, values, strict=True))]  # fmt: skip
    path = tmp_path / ("table.tsv" if delimiter == "\t" else "table.csv")
    path.write_bytes(end.join(delimiter.join(line) for line in lines).encode() + end.encode())
    table = read_numbers(path, ViewOptions(format="none"))
    assert list(table.rows) == rows
    assert list(table.columns) == columns
    np.testing.assert_array_equal(table.values, values)
    sheet = read_sheet(path)
    assert list(sheet.index) == rows
    assert list(sheet.columns) == columns


@FUZZ
@given(columns=_headers(st.one_of(NAMES, st.sampled_from(annotation_columns()))))
@example(columns=["001", "PANEL"])
@example(columns=["Total", "P01", "sd"])
def test_no_column_is_lost_without_a_word(columns: list[str], tmp_path: Path) -> None:
    frame = pd.DataFrame(np.arange(2.0 * len(columns)).reshape(2, -1) + 0.5, index=["g1", "g2"], columns=columns)
    path = tmp_path / "table.tsv"
    frame.to_csv(path, sep="\t", quoting=csv.QUOTE_NONE)
    table = _read(lambda: read_numbers(path))
    if table is not None:
        said = {finding.code: finding.count for finding in table.findings}
        assert "format" in said or len(table.columns) + said.get("annotation-columns", 0) == len(columns)
    assert list(read_numbers(path, ViewOptions(format="none")).columns) == columns


@FUZZ
@given(
    sets=st.dictionaries(
        NAMES.filter(lambda name: name[0] != "<"),
        st.lists(NAMES, min_size=1, max_size=5, unique=True),
        min_size=1,
        max_size=5,
    ),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_gene_sets_are_read_as_they_stand(sets, end: str, tmp_path: Path) -> None:
    path = tmp_path / "sets.gmt"
    path.write_bytes("".join(f"{name}\tabout\t{chr(9).join(genes)}{end}" for name, genes in sets.items()).encode())
    again = read_gmt(path)
    assert {name: list(genes) for name, genes in again.items()} == sets
    write_gmt(again, tmp_path / "again.gmt")
    assert read_gmt(tmp_path / "again.gmt") == again


@FUZZ
@given(
    names=st.lists(st.one_of(st.none(), st.floats(), st.integers(), st.text(max_size=5)), min_size=2, max_size=5),
    values=st.lists(
        st.lists(st.one_of(st.none(), st.floats(), st.text(max_size=3), st.booleans()), min_size=3, max_size=3),
        min_size=2,
        max_size=5,
    ),
)
def test_any_frame_is_checked_without_a_crash(names: list[object], values: list[list[object]]) -> None:
    size = min(len(names), len(values))
    frame = pd.DataFrame(values[:size], index=names[:size], columns=["g1", "g2", "g3"])
    findings = validate({"rna": frame}, {"A": ["g1", "g2"]})
    assert all(finding.found for finding in findings)


@FUZZ
@given(cut=st.integers(0, 6000), flips=st.lists(st.tuples(st.integers(0, 6000), st.integers(0, 255)), max_size=4))
def test_damaged_h5ad(cut: int, flips: list[tuple[int, int]], h5ad_bytes: bytes, tmp_path: Path) -> None:
    damaged = bytearray(h5ad_bytes)
    for position, value in flips:
        damaged[position % len(damaged)] = value
    path = tmp_path / "view.h5ad"
    path.write_bytes(bytes(damaged[: len(damaged) - cut]))
    cohort = _read(lambda: as_cohort(read_cohort({"rna": path})))
    assert cohort is None or len(cohort.samples)


@pytest.fixture(scope="module")
def h5ad_bytes(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("fuzz") / "view.h5ad"
    adata = ad.AnnData(
        np.arange(12.0).reshape(4, 3),
        obs=pd.DataFrame({"batch": list("aabb")}, index=list(string.ascii_lowercase[:4])),
        var=pd.DataFrame(index=["g1", "g2", "g3"]),
    )
    adata.write_h5ad(path)
    return path.read_bytes()
