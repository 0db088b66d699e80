"""What a grid's sign board says."""
