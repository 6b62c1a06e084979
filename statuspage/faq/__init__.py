"""Guides and questions, shown where they are bound, found without diacritics."""
