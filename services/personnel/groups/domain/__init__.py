"""The rules of groups and their members."""
