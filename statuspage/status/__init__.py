"""The effective status of each component, from all sources, and its spans in time."""
