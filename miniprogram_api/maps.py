"""Outlines of regions for the workers' maps: public, nobody's, and an extra that gives way to codes."""

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from backend.core.requests import extra
from backend.regions.maps import map_geojson

blueprint = extra(Blueprint("worker_maps", __name__, url_prefix="/w/maps"))


@blueprint.get("/<code>.json")
def outlines(code: str) -> ResponseReturnValue:
    """A region's outlines as GeoJSON; the address carries the edition, so it may be kept. Refuses: NotFound."""
    response = Response(map_geojson(code), mimetype="application/geo+json")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "public, max-age=2592000"
    return response
