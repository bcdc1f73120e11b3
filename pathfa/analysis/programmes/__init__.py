"""What the factors say about gene sets and views."""
