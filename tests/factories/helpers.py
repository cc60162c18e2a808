"""Temporary officers and their phones for tests."""

import base64
import json
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.accounts.acting import Acting
from backend.accounts.rules import OrganisationKind, Role
from backend.consoles.devices import HEADER, signed_text
from backend.core.crypto import blind_index, unseal
from backend.core.limits import forgive
from backend.core.transactions import transaction
from healthcode.codes import actions
from healthcode.codes.models import Helper, Shift
from tests.factories.accounts import make_acting, make_organisation
from tests.factories.codes import make_issuer_key
from tests.factories.consoles import SAME_SITE
from tests.factories.handovers import code_for
from tests.factories.itinerary import make_place

numbers = count(1)


@dataclass
class HelperPhone:
    """A browser that keeps a key, and signs what it asks of the checkpoint."""

    client: FlaskClient
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))

    @property
    def point(self) -> str:
        raw = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(raw).decode().rstrip("=")

    def _signature(self, method: str, address: str, body: bytes) -> dict[str, str]:
        r, s = decode_dss_signature(self.key.sign(signed_text(method, address, body), ECDSA(SHA256())))
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return {HEADER: base64.urlsafe_b64encode(raw).decode().rstrip("=")}

    def get(self, address: str) -> TestResponse:
        return self.client.get(address, headers=self._signature("GET", address, b""))

    def post(self, address: str, sent: dict[str, Any]) -> TestResponse:
        body = json.dumps(sent).encode()
        headers = self._signature("POST", address, body)
        return self.client.post(address, data=body, content_type="application/json", headers=headers)

    def join(self, token: str, *, name: str = "周帮忙", phone: str = "") -> TestResponse:
        """Type name and number, get the code, type it."""
        number = phone or f"139{next(numbers):08d}"
        form = {"name": name, "phone": number}
        forgive("sms.minute", blind_index(number, "phone").hex())
        asked = self.client.post(f"/join/{token}/code", data=form, headers=SAME_SITE)
        if asked.status_code != 200:
            return asked
        whole = form | {"code": code_for(number), "device_key": self.point}
        return self.client.post(f"/join/{token}", data=whole, headers=SAME_SITE)


def open_shift(officer: Acting, *, hours: int = 8, place: str = "铜仁站东门", region: str = "520602") -> Shift:
    where, _ = make_place(officer, name=place, region=region)
    with transaction():
        return actions.open_shift(place_id=where.id, hours=hours, by=officer)


def invite(officer: Acting) -> tuple[Helper, str]:
    """An invitation, and its QR's token."""
    with transaction():
        helper = actions.invite_helper(by=officer)
    assert helper.token is not None
    return helper, unseal(helper.token)


def make_helper(client: FlaskClient) -> HelperPhone:
    """The phone of a temporary officer at Tongren's station."""
    make_issuer_key()
    station = make_organisation("铜仁站卡口", kind=OrganisationKind.CHECKPOINT, region="520602")
    officer = make_acting(station, role=Role.OFFICER)
    open_shift(officer)
    phone = HelperPhone(client)
    assert phone.join(invite(officer)[1]).status_code == 302
    return phone
