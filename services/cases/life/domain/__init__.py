"""The life of a case, as plain Python: what it is, which steps it may take, and what they cause."""
