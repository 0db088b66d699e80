"""The patrol ledger: patrols, numbered and chained by hash."""
