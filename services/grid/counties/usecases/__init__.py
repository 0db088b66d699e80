"""Creating counties, and changing their state."""
