"""Lists of sources that departments supply."""
