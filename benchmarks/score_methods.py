"""Scores of gene sets per sample that others have made, each from samples x features and the members of every set."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

Members = Mapping[str, list[str]]
Method = Callable[[pd.DataFrame, Members], pd.DataFrame]


def member_mean(values: pd.DataFrame, members: Members) -> pd.DataFrame:
    """Mean of the members that were measured."""
    return pd.DataFrame({name: values[genes].mean(axis=1) for name, genes in members.items()})


def plage(values: pd.DataFrame, members: Members) -> pd.DataFrame:
    """First principal component of the members (PLAGE), signed by their mean."""
    found = {}
    for name, genes in members.items():
        left, size, right = np.linalg.svd(values[genes].fillna(0.0).to_numpy(), full_matrices=False)
        found[name] = left[:, 0] * size[0] * np.sign(right[0].sum() or 1.0)
    return pd.DataFrame(found, index=values.index)


def decoupler(method: str) -> Method:
    """Return a method of decoupler; missing values at the mean of their feature."""

    def score(values: pd.DataFrame, members: Members) -> pd.DataFrame:
        import decoupler as dc

        pairs = [(name, gene, 1.0) for name, genes in members.items() for gene in genes]
        net = pd.DataFrame(pairs, columns=["source", "target", "weight"])
        found = getattr(dc.mt, method)(data=values.fillna(0.0), net=net, tmin=1)
        return found[0] if isinstance(found, tuple) else found

    return score


def gseapy(method: str) -> Method:
    """Return a method of gseapy; missing values at the mean of their feature."""

    def score(values: pd.DataFrame, members: Members) -> pd.DataFrame:
        import gseapy as gp

        given = {"data": values.fillna(0.0).T, "gene_sets": dict(members), "outdir": None, "min_size": 1}
        found = getattr(gp, method)(**given, max_size=20_000, threads=1, verbose=False)
        return found.res2d.pivot_table(index="Name", columns="Term", values="ES").astype(float)

    return score


METHODS: dict[str, Method] = {
    "mean of members": member_mean,
    "ULM": decoupler("ulm"),
    "MLM": decoupler("mlm"),
    "z-score": decoupler("zscore"),
    "AUCell": decoupler("aucell"),
    "VIPER": decoupler("viper"),
    "ssGSEA": gseapy("ssgsea"),
    "GSVA": gseapy("gsva"),
    "PLAGE": plage,
}


def scores(method: str, table: pd.DataFrame, members: Members) -> pd.DataFrame | str:
    """Return what a method says of the samples that were measured, or why it cannot; nothing that it prints.

    ``table`` has samples x features, NaN where missing; the scores have the same rows.
    """
    measured = table.loc[table.notna().any(axis=1)]
    values = measured.loc[:, measured.std() > 0]
    kept = {name: [gene for gene in genes if gene in values] for name, genes in members.items()}
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = METHODS[method](values, {name: genes for name, genes in kept.items() if genes})
    except (AssertionError, ValueError, ImportError) as error:  # decoupler: a collection that is too large
        return str(error).splitlines()[0]
    return found.reindex(table.index)
