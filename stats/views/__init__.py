"""Pages of the yearbook, one module a noun."""
