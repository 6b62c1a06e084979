"""Every customer's own answer: their data, their orders, stage by stage."""
