"""What went wrong, told in updates, and what state of which component each update asserts."""
