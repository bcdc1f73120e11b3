"""Views aligned on their samples."""
