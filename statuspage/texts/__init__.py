"""Texts that a reader sees: per locale, with a source, revised and never lost."""
