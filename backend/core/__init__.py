"""The ground: application, configuration, database, events, tasks, refusals, cryptography, clock, files, limits.

Core knows nothing of the business. It promises one transaction a request, events that are not lost between database
and broker, refusals that say what to do, and personal data that stays sealed until somebody is named who reads it.
"""
