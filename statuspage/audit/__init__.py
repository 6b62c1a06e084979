"""Who did what to which row: append-only, and sealed in a chain of digests."""
