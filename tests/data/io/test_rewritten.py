"""Tables of programs as spreadsheets and scripts write them again: the same matrix, or an error."""

import codecs
import csv
import gzip
import io

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from program_tables import TABLES, matrix

from pathfa.data.io.presets import presets

READ = [preset for preset in presets() if not preset.instead]


def _rewritten(text: str, draw: st.DataObject, *, has_header: bool) -> bytes:
    """Return a table with other quotes, line ends, order of rows, empty lines and columns, encoding and packing."""
    comments = [line for line in text.splitlines() if line.startswith("#")]
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    if comments and comments[0].startswith("#1."):
        comments, lines = [comments[0], lines[0]], lines[1:]
    delimiter = max("\t,;", key=lines[0].count)
    header, *body = csv.reader(lines, delimiter=delimiter)
    if has_header and not comments:
        body = draw.draw(st.permutations(body))
    if has_header and draw.draw(st.booleans(), "an empty column at the end"):
        header, body = [*header, ""], [[*row, ""] for row in body]
    stream = io.StringIO()
    quoting = draw.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    end = draw.draw(st.sampled_from(["\n", "\r\n", "\r"]))
    writer = csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator=end)
    writer.writerows([header, *body])
    above = "".join(f"{line}{end}" for line in comments)
    whole = f"{above}{stream.getvalue()}{end * draw.draw(st.integers(0, 2))}"
    encoding = draw.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]))
    content = codecs.encode(whole, encoding)
    return gzip.compress(content) if draw.draw(st.booleans(), "packed") else content


@pytest.mark.parametrize("preset", READ, ids=lambda preset: preset.source)
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_table_that_was_written_again_has_the_same_matrix(preset, data, tmp_path) -> None:
    name, text, samples, values = TABLES[preset.source]
    path = tmp_path / name
    path.write_bytes(_rewritten(text, data, has_header=not preset.columns))
    found, read = matrix(path)
    assert set(found) == set(samples)
    order = [found.index(sample) for sample in samples]
    assert set(read) == set(values)
    for feature, expected in values.items():
        np.testing.assert_array_equal(np.array(read[feature])[order], expected)
