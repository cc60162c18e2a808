"""Transfers of workers between two governments: rosters, trips, and who of a roster is whom.

Two owners share one roster; nobody else finds it. A roster's phone is a hint that reveals nothing: only a typed name
and ID number that equal a row's join a person to it.
"""
