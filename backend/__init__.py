"""The parts that every service stands on: accounts, notices, regions, consoles, and the ground below them."""
