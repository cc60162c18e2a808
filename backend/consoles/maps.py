"""Maps: the outlines of regions, and where the people of transfers are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Response
from flask.typing import ResponseReturnValue

from backend.accounts.rules import Role
from backend.consoles.guard import current_office
from backend.consoles.pages import pages
from backend.consoles.transfer_frame import COLOUR_ORDER, render_transfer
from backend.core.config import settings
from backend.core.requests import extra
from backend.regions import names as regions
from backend.regions.centroids import centroid
from backend.regions.maps import edition, map_geojson
from healthcode.codes.rules import COLOUR_NAMES, Colour
from healthcode.transfers import queries
from healthcode.transfers.models import Transfer
from healthcode.transfers.queries.whereabouts import Whereabouts, count_whereabouts

blueprint = extra(pages("maps", __name__, Role.OFFICIAL, path=""))


@dataclass(frozen=True, slots=True)
class Spot:
    """A region with people of the transfers in it."""

    code: str
    colours: dict[Colour, int]

    @property
    def people(self) -> int:
        return sum(self.colours.values())

    @property
    def name(self) -> str:
        return regions.full_name(self.code) or self.code

    @property
    def short_name(self) -> str:
        return regions.short_name(self.code)

    @property
    def lon(self) -> float:
        return point.lon if (point := centroid(self.code)) else 0.0

    @property
    def lat(self) -> float:
        return point.lat if (point := centroid(self.code)) else 0.0

    @property
    def worst(self) -> Colour:
        """The colour of its mark: the first of red, yellow, green, grey that somebody has."""
        return next((colour for colour in COLOUR_ORDER if self.colours.get(colour)), Colour.GREY)

    @property
    def said(self) -> str:
        """The tooltip: 碧江区：12 人，绿码 10，未申报 2."""
        counts = (f"{COLOUR_NAMES[colour]} {n}" for colour in COLOUR_ORDER if (n := self.colours.get(colour)))
        return f"{self.short_name}：{self.people} 人\n{'，'.join(counts)}"


@dataclass(frozen=True, slots=True)
class Flow:
    """So many people from one region to another, in so many transfers."""

    origin: str
    destination: str
    people: int
    transfers: int

    @property
    def said(self) -> str:
        return f"{regions.short_name(self.origin)} → {regions.short_name(self.destination)}：{self.people} 人"

    @property
    def drawn(self) -> tuple[tuple[float, float], tuple[float, float], str, int] | None:
        """From where, to where, in which words, how many; None where the map doesn't know a place."""
        start, end = centroid(self.origin), centroid(self.destination)
        return ((*start,), (*end,), self.said, self.people) if start and end else None


@dataclass(frozen=True, slots=True)
class PeopleMap:
    """All that a map shows of some transfers."""

    spots: Sequence[Spot]
    unlocated: int
    flows: Sequence[Flow]
    views: Sequence[tuple[str, str]]
    edition: str
    review_number: str

    @property
    def arrows(self) -> list[object]:
        return [flow.drawn for flow in self.flows if flow.drawn]

    @property
    def located(self) -> int:
        return sum(spot.people for spot in self.spots)

    @property
    def colour_names(self) -> dict[Colour, str]:
        return {colour: COLOUR_NAMES[colour] for colour in COLOUR_ORDER}


@blueprint.get("/map/<code>.json")
def outlines(code: str) -> ResponseReturnValue:
    """A region's outlines as GeoJSON; its address carries the edition, so it may be kept.

    Refuses: NotFound for a code of no region.
    """
    response = Response(map_geojson(code), mimetype="application/geo+json")
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = "private, max-age=2592000"
    return response


@blueprint.get("/transfers/<uuid:transfer_id>/map")
def transfer(transfer_id: UUID) -> ResponseReturnValue:
    """Where the people of one transfer are."""
    shown = queries.get_transfer(transfer_id, seen_by=current_office())
    return render_transfer("transfer_map.html", shown, "map", map=map_of([shown]))


def map_of(transfers: Sequence[Transfer]) -> PeopleMap:
    """Where the people of some transfers are, and from where to where they go."""
    counted = count_whereabouts([transfer.id for transfer in transfers]) if transfers else []
    return PeopleMap(
        spots=_spots(counted),
        unlocated=sum(part.people for part in counted if part.region_code is None),
        flows=_flows(transfers),
        views=_views(transfers),
        edition=edition(),
        review_number=settings().map_review_number,
    )


def _spots(counted: Sequence[Whereabouts]) -> list[Spot]:
    by_region: dict[str, dict[Colour, int]] = defaultdict(dict)
    for part in counted:
        if part.region_code is not None:
            by_region[part.region_code][part.colour] = part.people
    spots = [Spot(code, colours) for code, colours in by_region.items()]
    return sorted(spots, key=lambda spot: (-spot.people, spot.code))


def _flows(transfers: Sequence[Transfer]) -> list[Flow]:
    """One for each pair of regions, those with most people first."""
    people: dict[tuple[str, str], list[int]] = defaultdict(list)
    for each in transfers:
        people[each.origin_region, each.destination_region].append(each.entries)
    flows = [Flow(*pair, sum(counts), len(counts)) for pair, counts in people.items()]
    return sorted(flows, key=lambda flow: (-flow.people, flow.said))


def _views(transfers: Sequence[Transfer]) -> list[tuple[str, str]]:
    """The country, and the cities that the transfers lead from and to."""
    codes = [regions.COUNTRY]
    for each in transfers:
        codes += [regions.city(each.origin_region), regions.city(each.destination_region)]
    names = {regions.COUNTRY: "全国"}
    return [(code, names.get(code) or regions.get(code).name) for code in dict.fromkeys(codes)]
