"""Columns of covariates that a configuration asks for."""

import pytest

from pathfa.config import Roles
from pathfa.errors import ConfigError
from pathfa.pipeline.read import asked_columns


def test_an_absent_column_is_told_with_how_many_there_are():
    columns = [f"c{i}" for i in range(27)]

    with pytest.raises(ConfigError, match=r"one of c0, .*, c19 and 7 more\. Fix"):
        asked_columns(columns, Roles(biological=["absent"]))

    with pytest.raises(ConfigError, match=r"one of c0, c1\. Fix: did you mean 'c1'\?"):
        asked_columns(columns[:2], Roles(biological=["c1x"]))
