"""How values are transformed, normalised and scaled, with what is needed to go back."""
