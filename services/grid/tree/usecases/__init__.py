"""Reading the tree of grids, and what a caller may do with a grid."""
