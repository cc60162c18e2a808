"""The secrets of one data folder: made once, kept in a file that only its owner reads."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from backend.core.config import DEMO_PREFIX, Config
from backend.evidence.note import Algorithm, PrivateKey

FILE = "secrets.json"


@dataclass(frozen=True, slots=True, repr=False)
class Secrets:
    superuser: str
    """Password of PostgreSQL's superuser."""
    owner: str
    """Password of the role that owns the database and runs migrations."""
    application: str
    """Password of the role that the product connects as."""
    valkey: str
    secret_key: str
    token_key: str
    index_key: str
    data_keys: str
    evidence_key: str
    """Signs the evidence log; its name is the log's."""
    partners_key: str
    """From it come the keys by which other deployments know this one."""


def load_or_make(data_dir: Path) -> Secrets:
    """The secrets of this folder, made at the first call; all of them are a demo's, unfit for production.

    Those that a later version adds are made when they are first missed.
    """
    path = data_dir / FILE
    kept: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    whole = asdict(_make()) | kept
    if whole.keys() > kept.keys():
        _write(path, whole)
    return Secrets(**whole)


def _make() -> Secrets:
    def key() -> str:
        return DEMO_PREFIX + secrets.token_urlsafe(32)

    return Secrets(
        superuser=secrets.token_urlsafe(24),
        owner=secrets.token_urlsafe(24),
        application=secrets.token_urlsafe(24),
        valkey=secrets.token_urlsafe(24),
        secret_key=key(),
        token_key=key(),
        index_key=key(),
        data_keys=f"first:{key()}",
        evidence_key=PrivateKey.generate(Config.model_fields["evidence_origin"].default, Algorithm.LOG).dump(),
        partners_key=key(),
    )


def _write(path: Path, values: Mapping[str, str]) -> None:
    """All or nothing: losing the data keys half-written would lose the data."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(values, file, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
