"""How much runs side by side."""

from __future__ import annotations


def n_cores() -> int:
    """Return how many cores this process may use, on any system."""
    from joblib import cpu_count

    return int(cpu_count())
