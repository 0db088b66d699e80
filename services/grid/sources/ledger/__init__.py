"""The ledger of pollution sources: entering, verifying and grading them."""
