"""Who has not declared, whose colour must change, who is silent, off the route or elsewhere.

A check is set-based over all running transfers, can run twice without doubling anything, and ends in findings for the
official and messages to the worker.
"""
