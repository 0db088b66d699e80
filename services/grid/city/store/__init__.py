"""The counties and their directory in PostgreSQL."""
