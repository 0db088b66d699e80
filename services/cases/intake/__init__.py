"""How a case begins."""
