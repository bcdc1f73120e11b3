"""What follows from a finished fit: draws, projection of new samples, residuals, summaries."""
