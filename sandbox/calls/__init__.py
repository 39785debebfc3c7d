"""The calls of the platform, one file a matter: each takes the world and what was asked."""
