"""The county's structure (county, scheme, grids) as every service but grid keeps it: a local copy.

grid owns it and tells of every change by event. The copy answers at once, also while grid is away.
"""
