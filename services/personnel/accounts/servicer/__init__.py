"""Accounts over gRPC."""
