"""What is decided about recovery, as plain functions."""
