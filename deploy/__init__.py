"""How Wangge is prepared and run: the process table, `prepare`, and the local stack."""
