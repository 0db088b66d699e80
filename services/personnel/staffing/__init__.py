"""Who answers for a grid, and whether there are enough."""
