"""Tables for people as sheets of a workbook: what a table is (`tables`, light), how it looks and prints (`look`)."""
