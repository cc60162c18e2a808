"""Files with personal data: sealed like columns, under the file's name as their place."""

from backend.core.crypto import keyring
from backend.core.files import store


def write(name: str, content: bytes) -> None:
    """Seal a content and store it; it is there whole or not at all."""
    store().write(name, keyring().seal_bytes(content, name))


def read(name: str) -> bytes:
    """The content. Raises ValueError when it was altered or renamed, LookupError when its key is gone."""
    return keyring().unseal_bytes(store().read(name), name)
