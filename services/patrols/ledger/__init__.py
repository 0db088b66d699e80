"""The patrol ledger."""
