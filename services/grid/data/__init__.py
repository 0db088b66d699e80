"""Tables that the service ships."""
