"""Tables of the sources' ledger and files."""
