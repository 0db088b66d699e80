"""What several subjects need."""
