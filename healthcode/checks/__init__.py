"""Who has not declared, whose colour must change, who is silent, off the route or elsewhere.

From departure to arrival a person's place is the vehicle's: silence and detours are one finding for it, and whoever
aboard was heard of last speaks for all. A check is set-based over all running transfers, can run twice without
doubling anything, and ends in findings for the official and messages to the worker.
"""
