"""What a county must publish, by when, and how far each item is."""
