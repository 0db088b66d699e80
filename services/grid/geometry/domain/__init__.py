"""Shapes, boundaries, coverage, and rows of files of grids."""
