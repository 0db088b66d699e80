"""Which grid answers for a case, at its opening and when grids change."""
