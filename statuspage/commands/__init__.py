"""The `statuspage` command, a module a group of commands."""
