"""The table of people, and their names."""
