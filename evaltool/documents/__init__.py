"""Documents made from an edition, for people: dictionary, review sheet, what is in force, what changed."""
