"""Entering, verifying, grading and counting sources, and keeping their lists and files."""
