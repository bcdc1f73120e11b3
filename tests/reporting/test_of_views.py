"""What a report says of the views beside each other."""

from hypothesis import given, settings
from hypothesis import strategies as st
from random_result import random_result

import pathfa as pf
from pathfa.analysis import Checks
from pathfa.core.names import readable
from pathfa.reporting.page.blocks import Text
from pathfa.reporting.sections.factors import factors_section
from pathfa.reporting.study.gather import Request, gather

RESULT = random_result(n_samples=60)


def test_a_programme_that_is_split_by_view_is_told_once_with_its_cards():
    def texts(result):
        made = gather(result, Request(
            title="t", covariates=None, technical=(), time="", event="", checks=Checks(model={}, tables={}),
            command="", salt="",
        ))  # fmt: skip
        return [block for block in factors_section(made).blocks if isinstance(block, Text)]

    names = {"F1": "F1 EMT (rna)", "F2": "F2 EMT (protein)"}
    (text,) = texts(RESULT.rename_factors(names))  # no gene set of the collection is called so
    assert text.paragraphs == ("EMT is split by view: F1 is seen in rna alone and F2 is seen in protein alone.",)
    assert [link.text for link in text.links] == list(names.values())
    assert texts(RESULT) == []
    own = RESULT.gene_set_names[0]
    (text,) = texts(RESULT.rename_factors({"F1": f"F1 {readable(own)} (rna)", "F2": f"F2 {readable(own)} (protein)"}))
    row = pf.concordance(RESULT).set_index("feature").loc[own]
    told = (
        f"correlate by r = {row['effect']:z.2f} ({row['lower']:z.2f} to {row['upper']:z.2f}) between rna and protein."
    )
    assert text.paragraphs[0].endswith(told)


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_what_is_said_of_a_pair_of_views_is_in_the_table(data):
    """Each correlation, interval and q that is named is that of a row, and the counts are those of its status."""
    table = pf.concordance(RESULT)
    states = ["concordant", "discordant", "unclear", "seen in one view"]
    table = table.assign(
        status=[data.draw(st.sampled_from(states)) for _ in range(len(table))],
        effect=[data.draw(st.sampled_from([-1.0, 1.0])) * abs(effect) for effect in table["effect"]],
        q=[data.draw(st.sampled_from([1e-6, 0.5])) for _ in range(len(table))],
    )
    answer = pf.pl.concordance(table).answer
    agree = table.loc[table["status"] == "concordant", "effect"]
    assert f"correlate on {len(agree)} of {len(table)} gene sets" in answer
    assert (f"median {agree.median():z.2f}" in answer) == (len(agree) > 1)
    low = table[table["status"] == "discordant"]
    opposite = (low["effect"] < 0) & (low["q"] < 0.05)
    for words, part in (("Opposite", low[opposite]), ("Less than half of what is typical", low[~opposite])):
        assert (f"{words}: " in answer) == (len(part) > 0)
        for row in part.sort_values("effect", kind="stable").head(3).to_dict("records"):
            told = f"r = {row['effect']:z.2f} ({row['lower']:z.2f} to {row['upper']:z.2f}), "
            assert told + ("q below" if words == "Opposite" else f"typical {row['typical']:z.2f}") in answer
