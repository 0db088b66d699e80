"""What grids are given to work with, year by year."""
