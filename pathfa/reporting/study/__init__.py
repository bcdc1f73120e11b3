"""All that a report is about, gathered once."""
