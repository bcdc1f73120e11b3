"""What ``pathfa doctor`` finds on a machine."""

import os

from pathfa.workflow.environment import examine


def test_cores_are_counted_also_where_the_system_has_no_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS and Windows
    (found,) = [item.found for item in examine() if item.name == "CPU cores"]
    assert int(found.partition(",")[0]) >= 1
