"""A case from report to close: its states, its steps, its history, and who sees it."""
