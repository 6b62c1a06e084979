"""Letters to one address each: written, checked, handed to a mail server or kept in a folder."""
