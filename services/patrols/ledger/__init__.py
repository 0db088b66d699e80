"""The patrol ledger: signed patrols, numbered and chained by hash."""
