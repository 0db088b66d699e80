"""Pollution sources: their ledger, lists, files and totals."""
