"""The figures by topic."""
