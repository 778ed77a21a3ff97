"""The demo: fictional cases that add up to what was printed of 2023, and people to log in as."""
