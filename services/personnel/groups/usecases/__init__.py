"""What is done with groups and their members."""
