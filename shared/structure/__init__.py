"""The county's structure (county, scheme, grids) as every service but grid keeps it: a local copy.

The service grid owns it and sends an event for every change. The copy answers at once, also while
grid cannot be reached.
"""
