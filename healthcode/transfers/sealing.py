"""A roster's row as the database keeps it: sealed, masked, indexed."""

import hashlib
from functools import lru_cache
from typing import Any
from uuid import UUID

from psycopg.types.numeric import Int4
from uuid_utils import uuid7

from backend.core.crypto import KeyRing
from backend.core.masks import mask_address, mask_name, mask_phone, mask_resident_id
from backend.core.names import sort_key
from healthcode.transfers.rows import Row, content_hash

COLUMNS = (
    *("import_id", "resident_id_index", "entry_id", "number"),
    *("name", "name_mask", "name_index", "sort_key"),
    *("resident_id", "resident_id_mask", "last_four_index", "sex"),
    *("address", "address_mask", "phone", "phone_mask", "phone_index", "poor"),
    *("skills", "enterprise", "position", "departs_at", "mode", "vehicle", "seat", "content_hash"),
)
"""Of `import_row`, in the order in which `Sealer.seal` gives them."""


class Sealer:
    """Seals the rows of one import. It holds the keys, and what many rows share: names, endings of ID numbers."""

    def __init__(self, ring: KeyRing, import_id: UUID) -> None:
        self._seal = ring.seal
        self._index = ring.index
        self._import_id = import_id.bytes
        # The index key's own digest, so that a content hash can't be made without it.
        self._hash_key = hashlib.sha256(ring.index("transfers.entry", "content_hash")).digest()
        self._name = lru_cache(maxsize=50_000)(self._about_name)
        self._last_four = lru_cache(maxsize=11_000)(lambda digits: self._index(digits, "last_four"))

    def _about_name(self, name: str) -> tuple[str, bytes, str]:
        return mask_name(name), self._index(name, "name"), sort_key(name)

    def seal(self, row: Row) -> tuple[Any, ...]:
        """The values of COLUMNS, of types that psycopg writes in PostgreSQL's binary form without asking back."""
        seal, number = self._seal, row.resident_id
        address = seal(row.address, "transfers.entry.address") if row.address else None
        phone = seal(row.phone, "transfers.entry.phone") if row.phone else None
        return (
            self._import_id,
            self._index(number, "resident_id"),
            uuid7().bytes,
            Int4(row.serial or row.number),
            seal(row.name, "transfers.entry.name"),
            *self._name(row.name),
            seal(number, "transfers.entry.resident_id"),
            mask_resident_id(number),
            self._last_four(number[-4:]),
            row.sex,
            address,
            mask_address(row.address),
            phone,
            mask_phone(row.phone),
            self._index(row.phone, "phone") if phone else None,
            row.poor,
            row.skills,
            row.enterprise,
            row.position,
            row.departs_at,
            row.mode,
            row.vehicle,
            row.seat,
            content_hash(row, self._hash_key),
        )
