"""What counties, schemes and grids are. Plain Python: no database, no network."""
