"""The log density of the generative model by its Pyro program, an independent reference of the inference engine."""

from __future__ import annotations

from collections.abc import Mapping

import pyro
import torch
from torch import Tensor

from pathfa.simulation.pyro_model import Parameters, program


def log_joint(
    parameters: Parameters,
    data: Mapping[str, Tensor],
    *,
    scores: Tensor,
    gene_set_weights: Tensor,
    loadings: Mapping[str, Tensor],
) -> Tensor:
    """Return the log density of data and latent variables under the program, nats.

    Parameters
    ----------
    parameters, data
        The hyper-parameters and the values of each view, N x G.
    scores, gene_set_weights
        Z, N x K, and U, P x K; entries with infinite alpha are not read.
    loadings
        W of each view, G x K; strict columns are not read.
    """
    values = {"scores": scores, "weights": gene_set_weights[torch.isfinite(parameters.alpha)]}
    for name, view in parameters.views.items():
        soft = torch.isfinite(view.omega)
        if bool(soft.any()):
            values[f"loadings/{name}"] = loadings[name][:, soft]
    conditioned = pyro.poutine.condition(program, data=values)
    return torch.as_tensor(pyro.poutine.trace(conditioned).get_trace(parameters, data).log_prob_sum())
