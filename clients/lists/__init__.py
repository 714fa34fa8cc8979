"""How the lists of clients are filtered and shown."""
