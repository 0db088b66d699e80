"""Drafts, versions and published schemes, and what a scheme says."""
