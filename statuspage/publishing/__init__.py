"""Turns the database into finished bytes that need neither it nor us to be read."""
