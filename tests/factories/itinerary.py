"""Places and posters for tests."""

from backend.accounts.acting import Acting
from backend.core.crypto import unseal
from backend.core.transactions import transaction
from backend.regions.datum import Datum
from healthcode.itinerary import actions
from healthcode.itinerary.models import Place, Poster, Screen
from healthcode.itinerary.rules import Position

TONGREN_STATION = Position(109.1830, 27.7200, 20)
KUNSHAN_STATION = Position(120.9600, 31.4000, 20)


def make_place(
    by: Acting, *, name: str = "铜仁火车站", region: str = "520602", at: Position = TONGREN_STATION, radius_m: int = 500
) -> tuple[Place, Poster]:
    with transaction():
        return actions.create_place(
            name=name, region_code=region, position=at, datum=Datum.WGS84, radius_m=radius_m, by=by
        )


def make_screen(place: Place, by: Acting, name: str = "一号门") -> Screen:
    """A screen at a place, opened on some device."""
    with transaction():
        added = actions.add_screen(place=place, name=name, by=by)
        assert added.token is not None
        screen, _ = actions.open_screen(token=unseal(added.token))
        return screen
