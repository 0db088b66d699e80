"""Certificates of people."""
