"""The public contract: names, shapes, labels and types that users rely on, of one model of three factors."""

import pytest

import pathfa as pf
from pathfa.simulation.cohort import SimulatedView


@pytest.fixture(scope="session")
def simulated():
    """Return a cohort of 36 samples in two views, of which one lacks samples and values."""
    views = {"rna": SimulatedView(n_features=150), "protein": SimulatedView(n_features=80, absent=0.1, missing=0.05)}
    return pf.simulate(n_samples=36, seed=3, views=views, gene_sets=10, factors=3)


@pytest.fixture(scope="session")
def model(simulated):
    """Return its model."""
    return pf.PathFA(n_factors=3, n_starts=2, progress=False).fit(simulated.mdata, simulated.gene_sets)
