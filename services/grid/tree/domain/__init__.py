"""Grids, and the levels on which they may lie."""
