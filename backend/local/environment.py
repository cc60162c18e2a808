"""The environment that the product's processes run with: what the user set, and beside it what is embedded here."""

import os
from collections.abc import Mapping
from pathlib import Path

from backend.core.config import Config, Mode
from backend.local.postgres import APPLICATION, OWNER, Cluster
from backend.local.secrets_file import load_or_make
from backend.local.valkey import Valkey

OTHER_ISSUER = "320583"
"""The demo has two governments, and each signs its own people's codes."""
SECRET_FIELDS = ("secret_key", "token_key", "index_key", "data_keys", "evidence_key", "partners_key")


def product(config: Config, data_dir: Path, cluster: Cluster | None, valkey: Valkey | None) -> dict[str, str]:
    """Variables for every process of the product; what the user's environment or `.env` sets is left as it is.

    A server that is None is not embedded: the user named another one.
    """
    secrets = load_or_make(data_dir)
    given: dict[str, str] = {"DATA_DIR": str(data_dir), "PORT": str(config.port)}
    if config.mode is Mode.DEMO and "codes_issuers" not in config.model_fields_set:
        given["CODES_ISSUERS"] = OTHER_ISSUER
    unset = [name for name in SECRET_FIELDS if name not in config.model_fields_set]
    given |= {name.upper(): getattr(secrets, name) for name in unset}
    if cluster:
        given |= {"DATABASE_URL": cluster.url(APPLICATION), "DATABASE_OWNER_URL": cluster.url(OWNER)}
    if valkey:
        given |= {"REDIS_URL": valkey.url}
    return _inherited(os.environ) | {"PYTHONUNBUFFERED": "1"} | given


def _inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """The caller's variables but those by which libpq would be led to another server."""
    return {name: value for name, value in environment.items() if not name.startswith("PG")}
