"""The platform on one machine: find or start the servers, prepare them, run every process."""
