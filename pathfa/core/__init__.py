"""What every room needs and nothing of PathFA: findings and errors, text, files, progress."""
