"""Facts about cases, as of their newest events."""
