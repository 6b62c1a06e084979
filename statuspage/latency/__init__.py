"""How fast panels answer and how many looks fail, hour by hour, long after the single results are gone."""
