"""A file as it came: what it is, whether it may be opened, and every cell of it as it stands."""
