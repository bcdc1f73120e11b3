"""Every problem of an input at once."""
