"""Offers of a case to a department, and their answers."""
