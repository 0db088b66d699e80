"""What the service does, each within the transaction it is given."""
