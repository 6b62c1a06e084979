"""Who may act: staff with their sessions, and programs with their tokens."""
