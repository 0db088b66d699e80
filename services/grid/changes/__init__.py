"""Changes of the division into grids, and of what is stated of a grid."""
