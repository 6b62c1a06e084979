"""Panels, the functions customers use, and the components where they meet."""
