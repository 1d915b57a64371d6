"""How the schema became what it is, for databases that are older than the program."""
