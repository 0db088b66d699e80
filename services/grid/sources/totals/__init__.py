"""How many sources there are, by grid and by key."""
