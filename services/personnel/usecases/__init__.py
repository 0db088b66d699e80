"""What the service does, one function a request, over a transaction and a moment."""
