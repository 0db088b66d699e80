"""Recording, finding and checking where grids lie."""
