"""What a figure shows, without saying how it is drawn."""
