"""How the system runs, as numbers that explain themselves."""
