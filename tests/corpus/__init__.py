"""A corpus of bad, odd and hostile workbooks, made by code, each with what must happen. `python -m tests.corpus`."""
