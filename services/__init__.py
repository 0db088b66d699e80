"""The seven services, each apart from the others."""
