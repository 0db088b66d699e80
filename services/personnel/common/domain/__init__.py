"""Checks that several subjects make."""
