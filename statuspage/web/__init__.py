"""Flask things that know no noun: templates, assets, policies, problems, the gate for input."""
