"""What was done to accounts and personal data."""
