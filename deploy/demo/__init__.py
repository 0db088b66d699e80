"""The platform's main job, played through the HTTP API on real divisions with synthetic people."""
