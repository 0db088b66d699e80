"""Where grids lie: boundaries and points, the check of their coverage, and files of grids."""
