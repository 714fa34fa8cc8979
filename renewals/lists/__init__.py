"""How «Требуют продления» is filtered and shown."""
