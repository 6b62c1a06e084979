"""How much of each day a component was up, from its spans."""
