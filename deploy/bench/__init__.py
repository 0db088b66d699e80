"""Measures of the platform, each a ratio to what this machine can do at all: ``make bench``."""
