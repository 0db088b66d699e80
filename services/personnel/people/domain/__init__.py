"""The rules of people."""
