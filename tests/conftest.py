import os
from pathlib import Path

import pytest

_BESIDE = Path(__file__).parents[2] / "shared" / "data"
REAL_COHORTS = Path(os.environ.get("PATHFA_SHARED_DATA", _BESIDE))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if REAL_COHORTS.is_dir():
        return
    skip = pytest.mark.skip(reason=f"no real cohorts in {REAL_COHORTS}; set PATHFA_SHARED_DATA to their folder")
    for item in items:
        if "realdata" in item.keywords:
            item.add_marker(skip)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real cohorts kept beside the checkout."""
    return REAL_COHORTS
