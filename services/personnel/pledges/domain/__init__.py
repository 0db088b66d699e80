"""The rules of responsibility letters."""
