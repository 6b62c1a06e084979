"""Which jobs of a worker fail, since when and why: said at the desk, not only in the log."""
