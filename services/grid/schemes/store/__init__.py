"""Drafts, versions and published schemes in PostgreSQL."""
