"""Files: a local folder or an S3-compatible store by URL, through fsspec. A file is there whole or not at all."""

import os
from pathlib import PurePosixPath
from typing import BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from backend.core.config import settings
from backend.core.db import new_key


class Store:
    """Files below one URL, named by relative paths."""

    def __init__(self, url: str) -> None:
        self._fs, self._root = fsspec.core.url_to_fs(url)

    def _path(self, name: str) -> str:
        parts = PurePosixPath(name).parts
        if not parts or ".." in parts or name.startswith("/"):
            raise ValueError(f"not a name of a stored file: {name!r}")
        return f"{self._root}/{name}"

    def write(self, name: str, content: bytes) -> None:
        """Write beside, fsync, rename: a reader sees the old file or the new one."""
        path = self._path(name)
        if not isinstance(self._fs, LocalFileSystem):
            self._fs.pipe_file(path, content)
            return
        self._fs.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH120 - a store's path, not only a local one
        beside = f"{path}.{new_key().hex}"
        with open(beside, "wb") as file:  # noqa: PTH123 - see above
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside, path)  # noqa: PTH105 - see above

    def open(self, name: str) -> BinaryIO:
        return cast("BinaryIO", self._fs.open(self._path(name), "rb"))

    def read(self, name: str) -> bytes:
        return cast("bytes", self._fs.cat_file(self._path(name)))

    def exists(self, name: str) -> bool:
        return bool(self._fs.exists(self._path(name)))

    def local_path(self, name: str) -> str | None:
        """Where a library that wants a path finds the file; None when the store is remote."""
        return self._path(name) if isinstance(self._fs, LocalFileSystem) else None

    def remove(self, name: str) -> None:
        """Remove it; removing what isn't there is done already."""
        if self.exists(name):
            self._fs.rm_file(self._path(name))


def store() -> Store:
    """The configured store."""
    return Store(settings().files)
