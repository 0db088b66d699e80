"""Limits in time: which run, until when, and who answers for them."""
