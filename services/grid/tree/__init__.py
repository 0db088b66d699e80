"""The tree of grids: reading it as it stands or stood, and where in it a grid may lie."""
