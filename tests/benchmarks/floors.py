"""Bare Flask views with no more than the work that has to be done: what the product's own views are measured by.

They run on the same server with the same settings, through the same session and pool. The bytes that they sign and
verify are those of a health code.
"""

import os
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Flask, request
from sqlalchemy import bindparam, insert, select

from backend.accounts.models import Person
from backend.core import clock
from backend.core.app import _flask_settings
from backend.core.config import Config
from backend.core.db import db, new_key
from healthcode.codes.models import Reading, Status
from healthcode.codes.rules import Outcome

SIGNED = "BENCH_SIGNED"
"""The variable with the bytes, in hexadecimal."""

_person, _status = Person.__table__.c, Status.__table__.c
PERSON = select(_person.name_mask, _person.resident_id_mask).where(_person.id == bindparam("person_id"))
STATUS = select(_status.reasons).where(_status.person_id == bindparam("person_id"))
READING = insert(Reading.__table__)


def create_app() -> Flask:
    app = Flask("floors")
    app.config.from_mapping(_flask_settings(Config(_env_file=None)))
    db.init_app(app)
    key = generate_private_key(SECP256R1())
    verifier = key.public_key()
    message = bytes.fromhex(os.environ.get(SIGNED, ""))
    algorithm = ECDSA(SHA256())
    signature = key.sign(message, algorithm)

    @app.get("/healthz")
    def alive() -> dict[str, str]:
        return {}

    @app.get("/people/<uuid:person_id>/code")
    def show(person_id: UUID) -> dict[str, str]:
        name, number = db.session.execute(PERSON, {"person_id": person_id}).one()
        text = key.sign(message, algorithm).hex()
        db.session.commit()
        return {"text": text, "name": name, "number": number}

    @app.post("/scans")
    def scan() -> dict[str, Any]:
        asked = request.get_json()
        verifier.verify(signature, message, algorithm)
        person_id, moment = UUID(asked["person_id"]), clock.now()
        (reasons,) = db.session.execute(STATUS, {"person_id": person_id}).one()
        row = {
            "day": clock.local(moment).date(),
            "id": new_key(),
            "at": moment,
            "operator_id": person_id,
            "organisation_id": person_id,
            "person_id": person_id,
            "code_id": os.urandom(16),
            "outcome": Outcome.PASSES,
            "seen_elsewhere": False,
            "request_key": asked["request_key"],
        }
        db.session.execute(READING, row)
        db.session.commit()
        return {"reasons": reasons}

    return app


def __getattr__(name: str) -> Flask:
    """`floors:app` is made in each worker, as the product's is."""
    if name == "app":
        return create_app()
    raise AttributeError(name)
