"""Who the partners are: registered, given our credentials, rotated, stopped."""

import secrets
from urllib.parse import urlsplit

from backend.accounts import actions as accounts
from backend.accounts.rules import OrganisationKind
from backend.core import clock
from backend.core.config import Mode, settings
from backend.core.crypto import digest_of, seal
from backend.core.db import db
from backend.core.errors import Invalid
from backend.partners import keys
from backend.partners.models import Partner
from backend.partners.rules import SECRET_OVERLAP, PartnerState, Scope
from backend.regions import names as regions


def register(
    *, name: str, region_codes: list[str], base_url: str, signing_key: str, sealing_key: str
) -> tuple[Partner, str]:
    """A partner and its client secret, which is shown this once; the first region is its government's own.

    Refuses: Invalid with a sentence a field, Conflict when an organisation of that name exists.
    """
    faults = dict(_faults(region_codes, base_url, signing_key, sealing_key))
    if faults:
        raise Invalid("partners.invalid", "；".join(faults.values()), fields=faults)
    office = accounts.create_organisation(
        kind=OrganisationKind.GOVERNMENT, name=name.strip(), region_code=region_codes[0]
    )
    client_id = secrets.token_hex(12)
    operator = accounts.create_operator(
        username=f"partner{client_id}", name="对接系统", password=secrets.token_urlsafe(32)
    )
    accounts.disable_operator(operator=operator)
    secret = secrets.token_urlsafe(32)
    partner = Partner(
        organisation_id=office.id,
        operator_id=operator.id,
        base_url=base_url.rstrip("/"),
        regions=region_codes,
        scopes=[scope.value for scope in Scope],
        signing_key=signing_key,
        sealing_key=sealing_key,
        client_id=client_id,
        secret_digest=digest_of(secret),
        own_client_id="",
        state=PartnerState.ACTIVE,
        created_at=clock.now(),
    )
    db.session.add(partner)
    db.session.flush()
    return partner, secret


def _faults(region_codes: list[str], base_url: str, signing_key: str, sealing_key: str) -> list[tuple[str, str]]:
    found = []
    if not region_codes or any(regions.find(code) is None for code in region_codes):
        found.append(("regions", "行政区划代码不存在，请核对。"))
    parts = urlsplit(base_url)
    safe = {"https"} if settings().mode is Mode.PRODUCTION else {"https", "http"}
    if parts.scheme not in safe or not parts.hostname or parts.path.strip("/") or parts.query:
        found.append(("base_url", "对方地址须是 https:// 开头、不带路径的网址。"))
    for name, read, text in (
        ("signing_key", keys.read_signing, signing_key),
        ("sealing_key", keys.read_sealing, sealing_key),
    ):
        try:
            read(text)
        except ValueError:
            found.append((name, "公钥须是 32 字节的 base64url，由对方 flask partners identity 给出。"))
    return found


def connect(*, partner: Partner, client_id: str, secret: str) -> None:
    """Keep the credentials that the partner gave us."""
    partner.own_client_id = client_id.strip()
    partner.own_secret = seal(secret.strip(), "partners.partner.own_secret")


def rotate_secret(*, partner: Partner) -> str:
    """A new secret, shown this once; the one before works for a day more."""
    secret = secrets.token_urlsafe(32)
    partner.previous_digest, partner.previous_until = partner.secret_digest, clock.now() + SECRET_OVERLAP
    partner.secret_digest = digest_of(secret)
    return secret


def revoke(*, partner: Partner) -> None:
    """Stop a partner at once: its tokens are worth nothing, and nothing is sent to it."""
    partner.state = PartnerState.REVOKED
    partner.revoked_at = partner.revoked_at or clock.now()
    partner.previous_digest = None
