"""The product on one machine: embedded PostgreSQL and Valkey, every process under one supervisor.

Owns what lies in DATA_DIR besides the product's own files: the database, the broker, the generated secrets, the
witnesses, the logs.
Promises that passwords are asked from before the first migration, that data outlives any kind of death, that two
copies with different DATA_DIR and PORT don't meet, and that nothing stays behind when the foreground process ends.
Imports nothing of the product but its configuration and the keys and notes of evidence and its witnesses: the rest is
started by name, as a host would.
"""
