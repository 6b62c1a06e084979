"""Reads progress, accounts, links and orders on the move."""
