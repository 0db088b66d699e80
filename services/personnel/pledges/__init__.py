"""Responsibility letters and who signed them."""
