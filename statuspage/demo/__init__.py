"""The reference scenario as data, its fake panels, and the simulator that lets it live."""
