"""How far apart: along the WGS-84 ellipsoid (Karney's geodesics, by way of geopy), in kilometres."""

from geopy.distance import geodesic

from backend.regions.datum import Point


def distance_km(a: Point, b: Point) -> float:
    """The shortest way over ground between two places; exact to a millimetre."""
    kilometres: float = geodesic((a.lat, a.lon), (b.lat, b.lon)).km
    return kilometres
