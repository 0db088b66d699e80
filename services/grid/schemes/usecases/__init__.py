"""Drafting, publishing and reading schemes."""
