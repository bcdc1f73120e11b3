"""The line on top, the panel and the marks at the sections say the same."""

from hypothesis import given, settings
from hypothesis import strategies as st
from judged_fits import batch, sound, verdict_of
from random_result import random_checks

from pathfa.reporting.verdict.prose import trust_section


@st.composite
def fits(draw):
    """Return a fit and its checks, of which some may be bad."""
    result = sound(n_samples=draw(st.sampled_from([12, 25, 60])))
    similar = [draw(st.sampled_from([0.2, 0.9])) for _ in result.factor_names]
    tables = dict(random_checks(result).tables)
    tables["stability"] = tables["stability"].assign(effect=similar)
    r2 = draw(st.sampled_from([-0.1, 0.02, 0.2]))
    tables["heldout"] = tables["heldout"].assign(r2=r2, lower=r2 - 0.05)
    kept = draw(st.sets(st.sampled_from(sorted(tables))))
    return result, {name: tables[name] for name in kept}, draw(st.sampled_from([0.05, 1.4, 50.0]))


@given(fits())
@settings(max_examples=10, deadline=None)
def test_the_line_on_top_says_of_each_thing_what_its_row_says(made):
    result, tables, noise = made
    verdict = verdict_of(result, tables, covariates=batch(result, noise))
    words = {row.label: row.word for row in trust_section(verdict).blocks[0].rows}
    reliable = "".join(part for part in verdict.headline.split(". ") if part.startswith("Reliable: "))
    for noun, label in {
        "factor": "Factors",
        "names": "Names of the factors",
        "the comparison of views": "Comparison of views",
    }.items():
        assert (words[label] in ("use", "use in part")) == (noun in reliable)
    for anchor, row in verdict.marks.items():
        assert row.word == words[row.label] != "use", anchor
