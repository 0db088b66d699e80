"""Signing in by the word of an outside issuer."""
