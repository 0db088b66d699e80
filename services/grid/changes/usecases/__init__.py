"""Restructuring grids, and stating their details."""
