"""Drafts of what is to be published: made, masked, and approved by a second person."""
