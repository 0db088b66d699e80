"""Changes of grids, and details of grids."""
