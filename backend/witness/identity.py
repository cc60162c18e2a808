"""A witness's key and the store that belongs to it: who it is and what it remembers can't be parted unnoticed."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.evidence.note import Algorithm, Malformed, PrivateKey
from backend.witness.store import Store

KEY, STORE, LOCK = "key", "witness.sqlite3", "lock"


class Refusal(Exception):  # noqa: N818 - a refusal was foreseen
    """The witness doesn't do what it was told; the message is Chinese and says what to do."""


def open_key(folder: Path, name: str) -> PrivateKey:
    """The key in this folder, made together with its store where there is neither.

    Refuses: Refusal when the folder holds another witness, or what was signed with has lost its key.
    """
    with _alone(folder):
        return _key(folder, name)


def open_witness(folder: Path, name: str, *, new_store: bool = False) -> tuple[PrivateKey, Store]:
    """The key and its store. `new_store`: begin an empty one for a key that has lost its own.

    Refuses: Refusal when key and store don't belong together.
    """
    with _alone(folder):
        key = _key(folder, name)
        _check_store(folder, key, new_store=new_store)
        return key, Store(folder / STORE)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / LOCK).open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _key(folder: Path, name: str) -> PrivateKey:
    path = folder / KEY
    if not path.exists():
        return _make(folder, name)
    try:
        key = PrivateKey.parse(path.read_text(encoding="utf-8").strip())
    except (Malformed, UnicodeDecodeError) as why:
        raise Refusal(f"{path} 不是见证密钥，请恢复原来的密钥文件。") from why
    if key.algorithm is not Algorithm.COSIGNATURE or key.name != name:
        raise Refusal(f"{path} 是“{key.name}”的密钥，与 --name {name} 不符。请核对目录和名称。")
    return key


def _make(folder: Path, name: str) -> PrivateKey:
    """A key for an empty folder, written last: a store without its key has signed nothing if it holds nothing."""
    try:
        key = PrivateKey.generate(name, Algorithm.COSIGNATURE)
    except Malformed as why:
        raise Refusal(f"名称“{name}”不能用：不得为空，不得含空格或加号。") from why
    store = Store(folder / STORE)
    try:
        with store.writing() as rows:
            if rows.notes():
                raise Refusal(f"{folder} 里有见证记录，密钥文件 {KEY} 却不见了。请恢复密钥文件，或换一个空目录。")
            rows.belong(str(key.public))
    finally:
        store.close()
    _write(folder / KEY, key.dump())
    return key


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _check_store(folder: Path, key: PrivateKey, *, new_store: bool) -> None:
    path = folder / STORE
    if not path.exists() and not new_store:
        raise Refusal(_lost(path))
    store = Store(path)
    try:
        with store.writing() as rows:
            owner = rows.owner()
            if owner == str(key.public) and new_store:
                raise Refusal(f"{path} 完好，属于这把密钥。请去掉 --new-store 再启动。")
            if not owner and new_store:
                rows.belong(str(key.public))
            elif not owner:
                raise Refusal(_lost(path))
            elif owner != str(key.public):
                raise Refusal(f"{path} 属于另一把密钥（{owner}）。请恢复与密钥配套的见证记录。")
    finally:
        store.close()


def _lost(path: Path) -> str:
    return (
        f"密钥还在，见证记录 {path} 却丢失了。若从零开始，就可能为日志的另一段历史签名。\n"
        "请恢复备份；没有备份时，用 adopt 命令从一份带有本见证签名的检查点（如日志的 checkpoint 文件）恢复；\n"
        "确知这把密钥从未签过任何检查点时，才用 --new-store 启动。"
    )
