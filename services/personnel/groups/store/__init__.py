"""Groups and their members in PostgreSQL."""
