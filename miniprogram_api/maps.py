"""Outlines of regions for the workers' maps: public, nobody's, and an extra that gives way to codes."""

from apiflask import APIBlueprint
from flask import Response
from flask.typing import ResponseReturnValue

from backend.core.requests import extra
from backend.regions.maps import map_geojson

blueprint = APIBlueprint("api_maps", __name__, url_prefix="/api/v1/maps", tag="公开 Public")
extra(blueprint)


@blueprint.get("/<string(length=6):code>")
def outlines(code: str) -> ResponseReturnValue:
    """地图轮廓 A region's outlines as GeoJSON: the country's (100000) show its provinces."""
    response = Response(map_geojson(code), mimetype="application/json")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "public, max-age=2592000"
    return response
