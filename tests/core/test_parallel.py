"""How much runs side by side."""

import os

from pathfa.core.parallel import n_cores


def test_cores_are_counted_also_where_the_system_has_no_affinity(monkeypatch):
    assert n_cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS and Windows
    assert n_cores() >= 1
