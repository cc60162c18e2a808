"""HTTP message signatures (RFC 9421, Ed25519) with Content-Digest (RFC 9530, SHA-256): what two partners need of them.

A request is signed over its method, authority, path, content type, digest and access token, so that none of these can
be changed, sent to another deployment, or sent with another token. Both sides speak this one form of it, with six
components and one algorithm, so that what else the standard allows is refused unread; its own example is among the
tests.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from backend.partners.rules import LONGEST_SIGNATURE, SKEW

COVERED = ("@method", "@authority", "@path", "content-type", "content-digest", "authorization")
ALGORITHM = "ed25519"
LABEL = "linghuo"
NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_INPUT = re.compile(r'(?P<label>[a-z][a-z0-9_-]*)=(?P<parameters>\((?P<covered>(?:"[^"]*" ?)*)\)(?P<rest>(?:;[^,]*)?))')
_PARAMETER = re.compile(r';(?P<name>[a-z][a-z0-9_-]*)=(?:"(?P<text>[^"\\]*)"|(?P<number>-?\d{1,15}))')
_SIGNATURE = re.compile(r"(?P<label>[a-z][a-z0-9_-]*)=:(?P<value>[A-Za-z0-9+/=]+):")
_DIGEST = re.compile(r"(?:^|,\s*)sha-256=:([A-Za-z0-9+/=]+):")


class Unfit(Exception):  # noqa: N818 - named for the state of the signature
    """Why a signature doesn't hold: a word for the caller, a sentence for people."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Message:
    """What of a request is signed; header names in small letters."""

    method: str
    authority: str
    path: str
    headers: Mapping[str, str]

    def component(self, name: str) -> str:
        """Refuses: Unfit for a header that isn't there."""
        derived = {"@method": self.method, "@authority": self.authority, "@path": self.path}
        value = derived.get(name, self.headers.get(name))
        if value is None:
            raise Unfit("unsigned", f"签名包含 {name}，但请求里没有。")
        return value.strip()


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as it stands in the headers, not yet believed."""

    covered: tuple[str, ...]
    parameters: str
    """As sent, because it is signed as sent."""
    created: int
    expires: int
    nonce: str
    key_id: str
    value: bytes


def content_digest(body: bytes) -> str:
    """The value of Content-Digest."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def check_digest(header: str, body: bytes) -> None:
    """Refuses: Unfit when the body isn't the one that was signed."""
    found = _DIGEST.search(header)
    if found is None or not hmac.compare_digest(found[1], content_digest(body).split(":")[1]):
        raise Unfit("digest", "请求内容与 Content-Digest 不符，可能在途中被改动。")


def signature_base(message: Message, covered: tuple[str, ...], parameters: str) -> bytes:
    """What is signed (RFC 9421, 2.5)."""
    lines = [f'"{name}": {message.component(name)}' for name in covered]
    return "\n".join([*lines, f'"@signature-params": {parameters}']).encode()


def sign(
    message: Message, key: Ed25519PrivateKey, *, key_id: str, created: int, expires: int, nonce: str
) -> dict[str, str]:
    """The two headers that sign a request; it carries Content-Digest and Authorization already."""
    covered = " ".join(f'"{name}"' for name in COVERED)
    parameters = f'({covered});created={created};expires={expires};nonce="{nonce}";keyid="{key_id}";alg="{ALGORITHM}"'
    value = base64.b64encode(key.sign(signature_base(message, COVERED, parameters))).decode()
    return {"Signature-Input": f"{LABEL}={parameters}", "Signature": f"{LABEL}=:{value}:"}


def read(headers: Mapping[str, str]) -> Signature:
    """The one signature of a request. Refuses: Unfit when there is none, or it isn't of our form."""
    given = _INPUT.fullmatch(headers.get("signature-input", "").strip())
    value = _SIGNATURE.fullmatch(headers.get("signature", "").strip())
    if given is None or value is None or given["label"] != value["label"]:
        raise Unfit("unsigned", "请求没有签名，或签名的格式不对（RFC 9421）。")
    parts = {match["name"]: match["text"] or match["number"] or "" for match in _PARAMETER.finditer(given["rest"])}
    covered = tuple(re.findall(r'"([^"]*)"', given["covered"]))
    if parts.get("alg", ALGORITHM) != ALGORITHM or not set(COVERED) <= set(covered) or len(covered) > len(set(covered)):
        raise Unfit("unsigned", f"签名须用 {ALGORITHM}，并至少包含：{'、'.join(COVERED)}。")
    if not NONCE.fullmatch(parts.get("nonce", "")) or not {"created", "expires"} <= parts.keys():
        raise Unfit("unsigned", "签名须带 created、expires 和 16 至 64 位的 nonce。")
    try:
        signed = base64.b64decode(value["value"], validate=True)
        created, expires = int(parts["created"]), int(parts["expires"])
    except (binascii.Error, ValueError) as wrong:
        raise Unfit("unsigned", "签名的格式不对（RFC 9421）。") from wrong
    return Signature(covered, given["parameters"], created, expires, parts["nonce"], parts.get("keyid", ""), signed)


def check_window(signature: Signature, now: datetime) -> None:
    """Refuses: Unfit for a signature from another time, or one meant to last too long."""
    moment, skew = now.timestamp(), SKEW.total_seconds()
    if signature.created > moment + skew:
        raise Unfit("clock", f"签名时间比本系统时间晚 {signature.created - moment:.0f} 秒，请校准服务器时钟。")
    if signature.expires <= moment - skew:
        raise Unfit("expired", f"签名已在 {moment - signature.expires:.0f} 秒前过期，请校准服务器时钟后重新签名。")
    if not 0 < signature.expires - signature.created <= LONGEST_SIGNATURE.total_seconds():
        raise Unfit("expired", f"签名的有效期最长 {LONGEST_SIGNATURE.total_seconds():.0f} 秒。")


def verify(signature: Signature, message: Message, key: Ed25519PublicKey) -> None:
    """Refuses: Unfit when another key signed, or anything that is covered was changed."""
    try:
        key.verify(signature.value, signature_base(message, signature.covered, signature.parameters))
    except InvalidSignature as forged:
        raise Unfit("forged", "签名不对：不是登记的密钥所签，或请求被改动。") from forged
