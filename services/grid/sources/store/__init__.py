"""Sources, their lists and files in PostgreSQL."""
