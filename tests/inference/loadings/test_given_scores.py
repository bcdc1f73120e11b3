"""The class that fits a view."""

import torch

from pathfa.inference.loadings.complete import CompleteLoadings
from pathfa.inference.loadings.given_scores import loading_posterior
from pathfa.inference.loadings.incomplete import IncompleteLoadings
from pathfa.inference.loadings.loadings import Mixed
from pathfa.inference.loadings.mixed import MixedLoadings
from pathfa.inference.loadings.strict import StrictLoadings


def test_the_class_follows_the_shape_of_the_second_moments():
    lam, cross, omega = torch.ones(5), torch.ones(5, 2), torch.ones(2)

    assert isinstance(loading_posterior(lam, torch.eye(2), cross, omega), CompleteLoadings)
    assert isinstance(loading_posterior(lam, torch.eye(2).expand(5, 2, 2), cross, omega), IncompleteLoadings)
    assert isinstance(loading_posterior(lam, torch.eye(2), cross, torch.full((2,), torch.inf)), StrictLoadings)
    mixed = Mixed(shared=torch.eye(2), own=torch.eye(2).expand(3, 2, 2), incomplete=torch.tensor([0, 2, 4]))
    assert isinstance(loading_posterior(lam, mixed, cross, omega), MixedLoadings)
