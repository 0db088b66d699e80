"""Grids in PostgreSQL, and how paths are compared there."""
