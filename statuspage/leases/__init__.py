"""Who may act where only one may: a row with a fencing number."""
