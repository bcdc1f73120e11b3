"""What a fit found: labelled, stored, judged."""
