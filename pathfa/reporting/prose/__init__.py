"""Paragraphs of the report."""
