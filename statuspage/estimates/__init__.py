"""When a thing is expected back: a ledger of promises with their sources and slips."""
