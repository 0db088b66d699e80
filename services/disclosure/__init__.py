"""What the public may see, and whether it was published in time."""
