"""A person's notices, and their confirmation."""
