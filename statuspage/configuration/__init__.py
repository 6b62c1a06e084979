"""The site's panels, functions, components and probes as one file that people keep under version control."""
