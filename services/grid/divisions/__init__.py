"""Administrative divisions, and the grids that are made of them."""
