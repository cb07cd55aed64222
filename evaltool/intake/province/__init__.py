"""One table for a whole province, a row a county: the template and the reading."""
