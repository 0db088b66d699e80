"""What is kept of cases, as of their newest events."""
