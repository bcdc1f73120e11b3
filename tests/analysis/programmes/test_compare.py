import numpy as np
import pandas as pd
import pytest

from pathfa.analysis import compare_scores, set_scores
from pathfa.analysis.association.tables import COLUMNS
from pathfa.core.errors import ConfigError


@pytest.mark.parametrize("method", ["ulm", "ssgsea"])
def test_scores_of_active_sets_follow_the_activity(make_result, method):
    result = make_result(features=120)
    result.presence.iloc[:5, 1] = False
    result.data["protein"].iloc[:5] = np.nan
    scores = set_scores(result, method, "protein")
    assert scores.iloc[:5].isna().all().all()
    assert list(scores.columns) == result.gene_set_names
    table = compare_scores(result, methods=[method])
    assert list(table.columns[: len(COLUMNS)]) == list(COLUMNS)
    assert set(table["covariate"]) == {f"{method} rna", f"{method} protein"}
    assert set(table[table["covariate"] == f"{method} protein"]["n"]) == {75}
    assert table["effect"].min() > 0.2
    assert table["effect"].median() > 0.6


def test_ulm_is_the_t_value_of_a_regression_on_membership(result):
    import statsmodels.api as sm

    scores = set_scores(result, "ulm", "rna")
    member = result.masks["rna"].toarray()[:, 3]
    fit = sm.OLS(result.data["rna"].iloc[7].to_numpy(), sm.add_constant(member)).fit()
    assert scores.iloc[7, 3] == pytest.approx(fit.tvalues[1], rel=1e-6)


def test_every_source_is_tested_alike(result):
    case = pd.Series(result.activity["set0"] > 0, name="case")
    table = compare_scores(result, case, methods=["ulm"], views=["rna"], draws=5)
    assert set(table["source"]) == {"PathFA activity", "PathFA factor", "ulm rna"}
    assert set(table["test"]) == {"Student t"}
    best = table[table["source"] == "ulm rna"].sort_values("p")["feature"].head(3)
    assert set(best) <= {"set0", "set4", "set8"}


def test_bad_view_and_method(result):
    with pytest.raises(ConfigError, match="'mirna'"):
        set_scores(result, "ulm", "mirna")
    with pytest.raises(ConfigError, match="method"):
        set_scores(result, "gsva", "rna")
