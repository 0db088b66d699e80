"""What the public may read, and what was withdrawn."""
