"""Written rules and plans of a county, its levels and its grids."""
