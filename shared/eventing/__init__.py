"""Events between services: envelope, topology, relay, entrypoint, dead letters."""
