"""Places, their posters, and sightings of people at places and positions.

A place scan alone proves nothing: a forwarded or photographed poster looks the same. Presence is proven by a position
within the place's radius or by an officer's scan; what is unproven is kept, ends silence, and makes no itinerary.
"""
