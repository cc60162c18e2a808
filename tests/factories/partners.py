"""Another deployment for tests: its keys, its signed requests, what it says."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.core import clock
from backend.core.config import settings
from backend.core.db import db
from backend.core.transactions import transaction
from backend.partners import actions, keys, signatures
from backend.partners.gateway import MESSAGES_PATH, TOKEN_PATH, authority_of
from backend.partners.messages import reference
from backend.partners.models import Partner
from tests.factories import rosters

HUBEI = "麻城市人力资源和社会保障局"
KEY = "the-other-deployments-partners-key"


@dataclass
class Other:
    """A partner as seen from outside: speaks to this application over its HTTP interface alone."""

    client: FlaskClient
    partner_id: UUID
    client_id: str
    secret: str
    key: str = KEY
    salt: str = "a-salt-of-at-least-32-characters-"
    token: str = ""

    @property
    def partner(self) -> Partner:
        return db.session.get_one(Partner, self.partner_id)

    def ask_token(self, secret: str = "") -> TestResponse:
        form = {"grant_type": "client_credentials"}
        return self.client.post(TOKEN_PATH, data=form, auth=(self.client_id, secret or self.secret))

    def sign_in(self) -> "Other":
        self.token = self.ask_token().get_json()["access_token"]
        return self

    def headers(self, content: bytes, *, at: datetime | None = None, key: str = "", nonce: str = "") -> dict[str, str]:
        headers = {
            "content-type": "application/json",
            "content-digest": signatures.content_digest(content),
            "authorization": f"Bearer {self.token}",
        }
        message = signatures.Message("POST", authority_of(settings().base_url), MESSAGES_PATH, headers)
        created = int((at or clock.now()).timestamp())
        signing, nonce = keys.signing_key(key or self.key), nonce or secrets.token_urlsafe(18)
        times: dict[str, int] = {"created": created, "expires": created + 120}
        return headers | signatures.sign(message, signing, key_id=self.client_id, nonce=nonce, **times)

    def post(self, content: bytes, headers: dict[str, str] | None = None) -> TestResponse:
        return self.client.post(MESSAGES_PATH, data=content, headers=headers or self.headers(content))

    def say(self, kind: str, transfer: UUID, body: dict[str, Any], message_id: UUID | None = None) -> TestResponse:
        return self.post(envelope(kind, transfer, body, message_id or uuid4()))

    def offer(self, transfer: UUID, lines: list[rosters.Line], **changes: Any) -> TestResponse:
        message_id = uuid4()
        return self.say("transfer.offer", transfer, self.offer_body(message_id, lines, **changes), message_id)

    def offer_body(self, message_id: UUID, lines: list[rosters.Line], **changes: Any) -> dict[str, Any]:
        roster = {"salt": self.salt, "travellers": [traveller(line) for line in lines]}
        own = keys.public_text(keys.sealing_key(settings().partners_key.get_secret_value()))
        sealed = keys.seal(json.dumps(roster).encode(), own, str(message_id))
        body = {"title": "麻城赴昆山", "origin_region": "421181", "destination_region": "320583", "sealed": sealed}
        return body | changes

    def person(self, line: rosters.Line) -> str:
        return reference(self.salt, str(line[3]))


def envelope(kind: str, transfer: UUID, body: dict[str, Any], message_id: UUID) -> bytes:
    return json.dumps({"id": str(message_id), "kind": kind, "transfer": str(transfer), "body": body}).encode()


def traveller(line: rosters.Line) -> dict[str, Any]:
    number, name, _, resident_id, _, phone, _, _, enterprise, position, departs, _, vehicle, seat = line
    return {
        "number": number,
        "name": name,
        "resident_id": resident_id,
        "phone": phone,
        "enterprise": enterprise,
        "position": position,
        "departs_at": f"{str(departs).replace(' ', 'T')}:00+08:00",
        "mode": "coach",
        "vehicle": vehicle,
        "seat": str(seat),
    }


def register(client: FlaskClient, *, name: str = HUBEI, region: str = "421181", key: str = KEY) -> Other:
    """Another deployment that this application knows, signed in."""
    with transaction():
        partner, secret = actions.register(
            name=name,
            region_codes=[region],
            base_url="http://127.0.0.1:9",
            signing_key=keys.public_text(keys.signing_key(key)),
            sealing_key=keys.public_text(keys.sealing_key(key)),
        )
        other = Other(client, partner.id, partner.client_id, secret, key)
    return other.sign_in()
