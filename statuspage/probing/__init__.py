"""Looks at the panels and decides, from what it sees, whether they are up."""
