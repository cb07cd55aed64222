"""Facts from tables and plain values instead of workbooks."""
