"""Sections to one HTML file."""
