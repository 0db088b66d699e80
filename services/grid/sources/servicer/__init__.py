"""Sources over gRPC."""
