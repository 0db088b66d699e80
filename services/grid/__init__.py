"""The grid service: counties, schemes, departments, grids and pollution sources."""
