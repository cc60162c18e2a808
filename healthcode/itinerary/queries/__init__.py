"""Reads: places and posters, where somebody was, and how risky a region is."""

from healthcode.itinerary.queries.risk import (
    RiskLine,
    count_risk,
    get_risk_list,
    level_of,
    list_risk,
    list_risk_lists,
    lock_risk_list,
    risk_history,
)
from healthcode.itinerary.queries.sightings import (
    PAGE,
    Point,
    find_poster,
    find_sighting,
    get_place,
    get_poster,
    itinerary_of,
    list_places,
    list_posters,
    open_to_bound,
    open_to_values,
    place_of,
    poster_url,
)
from healthcode.itinerary.queries.stays import StayLine, list_stays

__all__ = [
    "PAGE",
    "Point",
    "RiskLine",
    "StayLine",
    "count_risk",
    "find_poster",
    "find_sighting",
    "get_place",
    "get_poster",
    "get_risk_list",
    "itinerary_of",
    "level_of",
    "list_places",
    "list_posters",
    "list_risk",
    "list_risk_lists",
    "list_stays",
    "lock_risk_list",
    "open_to_bound",
    "open_to_values",
    "place_of",
    "poster_url",
    "risk_history",
]
