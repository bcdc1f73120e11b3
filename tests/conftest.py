import os
from collections.abc import Callable
from pathlib import Path

# Two workers of pytest that each start a thread or a process per core wait for each other more than they calculate.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")  # what is asked for by number is started all the same
# Programs that tests start keep what they compile, as in an installed package.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings

from pathfa.data import GeneSets

_BESIDE = Path(__file__).parents[2] / "shared" / "data"
REAL_COHORTS = Path(os.environ.get("PATHFA_SHARED_DATA", _BESIDE))


settings.register_profile("untimed", deadline=None)  # no test fails because the machine is busy
settings.load_profile("untimed")


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


_NAMES = """
STAT1 IRF1 IFIT1 IFIT3 ISG15 MX1 OAS1 GBP1 CXCL10 TAP1 PSMB9 HLA-A B2M CDK1 CCNB1 TOP2A MKI67 AURKA PLK1 BUB1 COL1A1
COL3A1 FN1 VIM SPARC POSTN THBS1 TAGLN HIF1A VEGFA LDHA PGK1 ENO1 ALDOA CA9 SLC2A1 NDUFA1 NDUFB5 COX4I1 COX5A
ATP5F1B UQCRB SDHB CYCS MDH2 IDH3A CS ACO2 FH OGDH
"""
GENES = _NAMES.split()


@pytest.fixture
def gene_sets() -> GeneSets:
    names = ("INTERFERON", "CELL_CYCLE", "STROMA", "HYPOXIA", "OXPHOS")
    return GeneSets({name: GENES[10 * i : 10 * i + 10] for i, name in enumerate(names)})


@pytest.fixture
def frame() -> Callable[..., pd.DataFrame]:
    """Return a maker of tables, samples x features, of log values."""

    def make(n: int = 20, *, seed: int = 0, samples=None, features=None) -> pd.DataFrame:
        features = GENES if features is None else features
        index = [f"S{i + 1:02d}" for i in range(n)] if samples is None else samples
        values = np.random.default_rng(seed).normal(8, 2, (len(index), len(features))).round(3)
        return pd.DataFrame(values, index=index, columns=features)

    return make


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Return a writer of tables as they are exported: features in rows."""

    def to_file(frame: pd.DataFrame, name: str = "rna.tsv", **options) -> Path:
        path = tmp_path / name
        frame.T.to_csv(path, sep="\t", na_rep="NA", **options)
        return path

    return to_file
