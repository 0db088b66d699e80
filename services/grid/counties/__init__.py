"""Creating counties, and suspending and resuming them."""
