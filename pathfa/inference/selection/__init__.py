"""Search over the number of factors, the prior and the initialisation by evidence."""
