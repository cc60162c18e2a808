"""A temporary officer's phone signs each request, so that a copied cookie is worth nothing on another.

ECDSA with SHA-256 over P-256 by a key that the browser made and gives to nobody (WebCrypto, not extractable), over the
method, the address and the body. Of a request that is played again the same comes: what it writes has a key of its own.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from flask import request

from backend.accounts.acting import Acting
from backend.accounts.queries import get_device_key
from backend.core.errors import Unauthenticated

HEADER = "X-Device-Signature"
COORDINATE = 32
NOT_THIS_PHONE = "临时查验只能在加入时的那部手机、那个浏览器上进行。换了手机的，请当班查验员再给一个二维码。"


def signed_text(method: str, address: str, body: bytes) -> bytes:
    """What a phone signs of a request; `address` is the path with its query."""
    return f"{method} {address}\n".encode() + body


def check_device(by: Acting) -> None:
    """Refuses: Unauthenticated for a request that the one phone of a temporary officer didn't sign."""
    point = get_device_key(by.operator_id)
    address = request.full_path.rstrip("?")
    if point is None or not _holds(point, signed_text(request.method, address, request.get_data())):
        raise Unauthenticated("consoles.not_this_phone", NOT_THIS_PHONE)


def _holds(point: bytes, text: bytes) -> bool:
    try:
        signature = base64.urlsafe_b64decode(request.headers.get(HEADER, "") + "==")
    except (ValueError, binascii.Error):
        return False
    if len(signature) != 2 * COORDINATE:
        return False
    r, s = (int.from_bytes(half, "big") for half in (signature[:COORDINATE], signature[COORDINATE:]))
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        key.verify(encode_dss_signature(r, s), text, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
