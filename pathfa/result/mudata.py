"""Results in the slots of MuData where other tools find them."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from pathfa.core.errors import AlignmentError
from pathfa.core.text import count
from pathfa.data import read_cohort
from pathfa.result.result import PathFAResult

if TYPE_CHECKING:
    from mudata import MuData


def as_mudata(data: Any) -> MuData:
    """Return data in any form that ``fit`` takes as MuData."""
    from mudata import MuData

    return data if isinstance(data, MuData) else read_cohort(data)


def copied(mdata: MuData) -> MuData:
    """Return a copy; that views share names of features is meant, so nothing is said of it."""
    from mudata import set_options

    with warnings.catch_warnings(), set_options(pull_on_update=False):
        warnings.filterwarnings("ignore", message=".*var_names are (not unique|intersecting).*")
        return mdata.copy()


def fill_slots(result: PathFAResult, mdata: MuData) -> MuData:
    """Return a copy of the data with scores, activities, loadings and settings in its slots.

    Raises
    ------
    AlignmentError
        If the data have other samples than the fit.
    """
    missing = mdata.obs_names.difference(result.scores.index)
    if len(missing):
        found = f"{count(len(missing), 'sample')} that the model was not fitted to"
        fix = "use transform for new samples"
        raise AlignmentError.of("other-samples", found, "the training cohort", fix, examples=missing)
    filled = copied(mdata)
    names = filled.obs_names
    filled.obsm["X_pathfa"] = result.scores.loc[names].to_numpy()
    filled.obsm["score_pathfa"] = result.activity.loc[names]
    for view in result.view_names:
        if view not in filled.mod:
            continue
        data, table = filled.mod[view], result.loadings[view]
        rows = table.index.get_indexer(data.var_names)
        loadings = np.full((data.n_vars, table.shape[1]), np.nan)
        loadings[rows >= 0] = table.to_numpy()[rows[rows >= 0]]
        data.varm["pathfa_loadings"] = loadings
        mask = np.zeros((data.n_vars, len(result.gene_set_names)), dtype=bool)
        mask[rows >= 0] = result.masks[view][rows[rows >= 0]].toarray() > 0
        data.varm["gene_sets"] = pd.DataFrame(mask, index=data.var_names, columns=result.gene_set_names)
        data.var["pathfa_noise"] = result.noise[view].reindex(data.var_names).to_numpy()
    tables = ("gene_set_weights", "alpha", "omega", "view_scale", "loading_intercepts")
    filled.uns["pathfa"] = {
        "factor_names": np.array(result.factor_names, dtype=object),
        "gene_set_names": np.array(result.gene_set_names, dtype=object),
        **{name: getattr(result, name).to_numpy() for name in tables},
        "log_evidence": result.log_evidence,
        "settings": json.dumps(result.settings),
    }
    return filled
