"""Files of sources: what they hold and what they lack."""
