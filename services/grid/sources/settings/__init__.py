"""What a scheme says of pollution sources."""
