"""What all services share. No business words; each file has one reason to change."""
