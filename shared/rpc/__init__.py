"""The gRPC side: server, guard, client, errors. Never in a process with eventlet."""
