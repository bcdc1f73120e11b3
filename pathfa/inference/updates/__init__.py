"""The other coordinates of a fit: scores, noise, hyper-parameters, rotation, initialisation."""
