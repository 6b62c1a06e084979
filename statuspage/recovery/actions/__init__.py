"""Takes reports and keeps the counters in step; sizes, accounts, links and orders on the move."""
