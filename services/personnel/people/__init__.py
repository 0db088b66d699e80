"""People and their personal data."""
