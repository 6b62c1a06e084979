"""Keys of programs: scopes, expiry, and the answers kept for repeated requests."""
