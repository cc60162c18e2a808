"""Signed notes and their keys (C2SP signed-note), with the two kinds of signature that a log uses.

A log signs its checkpoints plainly (type 1); a witness signs a checkpoint with the time (type 4, C2SP
tlog-cosignature). Both are Ed25519 (RFC 8032).
"""

import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ID_BYTES = 4
PUBLIC_BYTES = 32
TIME_BYTES = 8
LAST_TIME = 2**63 - 1
SIGNED_BYTES = 64
MOST_SIGNATURES = 64
DASH = "— "
NAME = re.compile(r"[^\s+\0-\x1f\ud800-\udfff]+")
UNFIT = re.compile(r"[\0-\x09\x0b-\x1f\ud800-\udfff]")
PRIVATE = "PRIVATE+KEY"


class Malformed(ValueError):  # noqa: N818 - what is said of a text
    """A text that is no signed note, key, checkpoint, policy or proof; the message says why."""


class Unsigned(ValueError):  # noqa: N818 - what is said of a note
    """A note without the signature that was asked for, or with one that is false."""


class Algorithm(IntEnum):
    LOG = 1
    COSIGNATURE = 4


ALGORITHMS = frozenset(map(int, Algorithm))


def decode64(text: str) -> bytes:
    """Standard base64 with padding, and nothing else; each content has one text. Raises Malformed."""
    try:
        content = binascii.a2b_base64(text, strict_mode=True)
    except ValueError as why:
        raise Malformed("not base64") from why
    if encode64(content) != text:
        raise Malformed("base64 with loose bits at its end")
    return content


def encode64(content: bytes) -> str:
    """Standard base64 with padding."""
    return binascii.b2a_base64(content, newline=False).decode()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A verifier key: "<name>+<id in hex>+<base64 of type and key>"."""

    name: str
    algorithm: Algorithm
    raw: bytes

    @property
    def id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.algorithm]) + self.raw).digest()[:ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{encode64(bytes([self.algorithm]) + self.raw)}"

    @classmethod
    def parse(cls, text: str) -> "PublicKey":
        """The key that a text stands for. Raises Malformed."""
        parts = text.split("+", 2)
        if len(parts) != 3 or not NAME.fullmatch(parts[0]):  # noqa: PLR2004 - name, id, key
            raise Malformed("not a verifier key")
        material = decode64(parts[2])
        if len(material) != 1 + PUBLIC_BYTES or material[0] not in ALGORITHMS:
            raise Malformed("a key of an unknown type")
        key = cls(parts[0], Algorithm(material[0]), material[1:])
        if key.id.hex() != parts[1]:
            raise Malformed("the key's id isn't its own")
        return key


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """A signing key, written as golang.org/x/mod/sumdb/note writes it. Its representation shows no secret."""

    name: str
    algorithm: Algorithm
    seed: bytes

    def __repr__(self) -> str:
        return f"PrivateKey({self.name})"

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.name, self.algorithm, self._key().public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, algorithm: Algorithm) -> "PrivateKey":
        if not NAME.fullmatch(name):
            raise Malformed("a key's name has no spaces and no plus sign")
        return cls(name, algorithm, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "PrivateKey":
        """The key that a text stands for. Raises Malformed."""
        if not text.startswith(PRIVATE + "+"):
            raise Malformed("not a signing key")
        parts = text.removeprefix(PRIVATE + "+").split("+", 2)
        material = decode64(parts[2]) if len(parts) == 3 else b""  # noqa: PLR2004 - name, id, key
        if not NAME.fullmatch(parts[0]) or len(material) != 1 + PUBLIC_BYTES or material[0] not in ALGORITHMS:
            raise Malformed("not a signing key")
        key = cls(parts[0], Algorithm(material[0]), material[1:])
        if key.public.id.hex() != parts[1]:
            raise Malformed("the key's id isn't its own")
        return key

    def dump(self) -> str:
        """The text with the secret, for a key file."""
        material = encode64(bytes([self.algorithm]) + self.seed)
        return f"{PRIVATE}+{self.name}+{self.public.id.hex()}+{material}"

    def sign(self, text: str) -> "Signature":
        """Sign a note's text as the log."""
        self._only(Algorithm.LOG)
        return Signature(self.name, self.public.id, self._key().sign(text.encode()))

    def cosign(self, text: str, time: int) -> "Signature":
        """Sign a checkpoint's text as a witness that saw it at this time, in seconds since the epoch."""
        self._only(Algorithm.COSIGNATURE)
        signed = self._key().sign(_cosigned(text, time).encode())
        return Signature(self.name, self.public.id, time.to_bytes(TIME_BYTES, "big") + signed)

    def _only(self, algorithm: Algorithm) -> None:
        if self.algorithm is not algorithm:
            raise ValueError(f"{self.name} is no key for {algorithm.name}")

    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: whose, and the bytes after the key's id."""

    name: str
    key_id: bytes
    content: bytes

    def __str__(self) -> str:
        return f"{DASH}{self.name} {encode64(self.key_id + self.content)}\n"

    @property
    def time(self) -> int:
        """Of a cosignature: seconds since the epoch."""
        return int.from_bytes(self.content[:TIME_BYTES], "big")

    @classmethod
    def parse(cls, line: str) -> "Signature":
        """The signature that a line, without its end, stands for. Raises Malformed."""
        words = line.removeprefix(DASH).split(" ")
        if not line.startswith(DASH) or len(words) != 2 or not NAME.fullmatch(words[0]):  # noqa: PLR2004 - name, bytes
            raise Malformed("not a signature line")
        content = decode64(words[1])
        if len(content) <= ID_BYTES:
            raise Malformed("a signature without a signature")
        return cls(words[0], content[:ID_BYTES], content[ID_BYTES:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text, which ends in a newline, and its signatures, none of them checked yet."""

    text: str
    signatures: tuple[Signature, ...] = ()

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    @classmethod
    def parse(cls, content: str) -> "Note":
        """The note that a content is. Raises Malformed."""
        if UNFIT.search(content):
            raise Malformed("control characters, or what isn't UTF-8")
        text, gap, lines = content.rpartition("\n\n")
        if not gap or not lines.endswith("\n"):
            raise Malformed("not a signed note")
        rows = lines[:-1].split("\n")
        if len(rows) > MOST_SIGNATURES:
            raise Malformed("too many signatures")
        return cls(text + "\n", tuple(map(Signature.parse, rows)))

    def signed_by(self, key: PublicKey) -> Signature | None:
        """The key's signature on this note, checked; the first if there are more; None without one.

        Raises Unsigned when there is one by name and id that is false.
        """
        key_id = key.id
        mine = [each for each in self.signatures if each.key_id == key_id and each.name == key.name]
        for each in mine:
            check(each, self.text, key)
        return mine[0] if mine else None

    def with_signatures(self, more: Sequence[Signature]) -> "Note":
        """The note with these in place of older ones of the same keys."""
        replaced = {(each.name, each.key_id) for each in more}
        kept = [each for each in self.signatures if (each.name, each.key_id) not in replaced]
        return Note(self.text, (*kept, *more))


def check(signature: Signature, text: str, key: PublicKey) -> None:
    """Check a signature of this key on a note's text. Raises Unsigned."""
    message, signed = text, signature.content
    if key.algorithm is Algorithm.COSIGNATURE:
        message, signed = _cosigned(text, signature.time), signed[TIME_BYTES:]
        if signature.time > LAST_TIME:
            raise Unsigned(f"a time after all times, of {key.name}")
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(signed, message.encode())
    except (InvalidSignature, ValueError) as why:
        raise Unsigned(f"false signature of {key.name}") from why


def _cosigned(text: str, time: int) -> str:
    return f"cosignature/v1\ntime {time}\n{text}"
