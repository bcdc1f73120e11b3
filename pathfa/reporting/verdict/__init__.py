"""Whether a fit can be trusted: a table of judgements and its prose."""
