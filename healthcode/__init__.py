"""Health codes, itineraries and transfers of workers between regions.

Contexts from the ground: itinerary (where somebody was), codes (how somebody is, and the proof shown), transfers (who
travels with whom between which governments), checks (who is silent, feverish or elsewhere).
"""
