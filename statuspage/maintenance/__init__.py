"""Planned work: windows that start and end by themselves and silence probes."""
