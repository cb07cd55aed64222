"""Documents made from an edition, for people: data dictionary, review sheet, what is in force, what changed, a skeleton."""
