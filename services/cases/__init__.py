"""Cases: from intake to close, who has each, until when, and what came of it."""
