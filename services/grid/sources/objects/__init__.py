"""What the ledger holds beside sources, and its links to them."""
