"""Names of features and samples: what they are, and their translation."""
