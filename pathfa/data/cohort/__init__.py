"""Views read from files and containers, and aligned on their samples."""
