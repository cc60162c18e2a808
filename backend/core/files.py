"""Files: a local folder or an S3-compatible store by URL, through fsspec. A file is there whole or not at all."""

import os
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import PurePosixPath
from typing import BinaryIO, cast

import fsspec
from fsspec.implementations.local import LocalFileSystem

from backend.core.config import settings
from backend.core.db import new_key

UNFINISHED = ".unfinished"
SYNCING = 16
"""Files that wait for the disk at a time; it writes them together."""


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

    def write_many(self, files: Iterable[tuple[str, bytes]]) -> None:
        """Write these, each there whole or not at all, and all of them on the disk at the end.

        The disk is waited for once for all, not once for each. Where it is interrupted, `clear_unfinished` removes
        what it left; one process at a time may use the two.
        """
        if not isinstance(self._fs, LocalFileSystem):
            self._fs.pipe({self._path(name): content for name, content in files})
            return
        drafts = f"{self._root}/{UNFINISHED}"
        os.makedirs(drafts, exist_ok=True)  # noqa: PTH103 - a store's path, as below
        written = []
        for number, (name, content) in enumerate(files):
            draft = f"{drafts}/{number}"
            with open(draft, "wb") as file:  # noqa: PTH123
                file.write(content)
            written.append((draft, self._path(name)))
        folders = {os.path.dirname(path) for _, path in written}  # noqa: PTH120
        for folder in folders:
            os.makedirs(folder, exist_ok=True)  # noqa: PTH103
        with ThreadPoolExecutor(SYNCING) as pool:
            list(pool.map(_sync, [draft for draft, _ in written]))
            for draft, path in written:
                os.replace(draft, path)  # noqa: PTH105
            list(pool.map(_sync, folders))

    def clear_unfinished(self) -> None:
        """Remove the drafts of a `write_many` that was interrupted."""
        self.remove_folder(UNFINISHED)

    def remove_folder(self, name: str) -> None:
        """Remove all below this name; removing what isn't there is done already."""
        with suppress(FileNotFoundError):
            self._fs.rm(self._path(name), recursive=True)

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


def _sync(path: str) -> None:
    """Wait until a file, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
