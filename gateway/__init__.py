"""The one HTTP API, to people and programs outside."""
