"""Signing in with an outside issuer."""
