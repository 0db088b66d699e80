"""Whom the county's rules say must know, and who answers for a post."""
