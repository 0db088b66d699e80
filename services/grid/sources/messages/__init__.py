"""Sources as messages."""
