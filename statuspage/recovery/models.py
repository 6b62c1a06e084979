"""Accounts in recovery."""
