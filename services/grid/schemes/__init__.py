"""The scheme of a county, from its draft to its published versions."""
