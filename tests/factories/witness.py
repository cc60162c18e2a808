"""A log in memory that signs whatever a test wants, and witnesses as processes of their own."""

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import requests

from backend.evidence import merkle
from backend.evidence.checkpoint import Checkpoint
from backend.evidence.note import Algorithm, Note, PrivateKey, PublicKey, encode64
from backend.witness.identity import open_key

ROOT = Path(__file__).parents[2]
ORIGIN = "test.example/log"
STARTS_WITHIN = 60


@dataclass
class Log:
    """Its trees are made of numbered leaves; another `branch` is another history under the same key."""

    key: PrivateKey = field(default_factory=lambda: PrivateKey.generate(ORIGIN, Algorithm.LOG))

    def leaves(self, size: int, branch: int = 0, shared: int = 0) -> list[bytes]:
        """The leaves' hashes; the first `shared` are the same on every branch."""
        return [merkle.leaf_hash(b"%d/%d" % (0 if n < shared else branch, n)) for n in range(size)]

    def checkpoint(self, size: int, branch: int = 0, shared: int = 0) -> Note:
        leaves = self.leaves(size, branch, shared)
        text = Checkpoint(self.key.name, size, merkle.root_hash(size, _reader(leaves))).text
        return Note(text, (self.key.sign(text),))

    def proof(self, old: int, new: int, branch: int = 0, shared: int = 0) -> list[bytes]:
        return merkle.consistency_proof(old, new, _reader(self.leaves(new, branch, shared)))

    def submission(self, old: int, size: int, branch: int = 0, shared: int = 0) -> bytes:
        """An honest request of that branch."""
        return body(old, self.proof(old, size, branch, shared), str(self.checkpoint(size, branch, shared)))


def _reader(leaves: list[bytes]) -> merkle.Read:
    return lambda height, place: merkle.fold(leaves[place << height : (place + 1) << height])


def body(old: int, proof: list[bytes], checkpoint: str) -> bytes:
    return f"old {old}\n{''.join(encode64(each) + chr(10) for each in proof)}\n{checkpoint}".encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Witness:
    """A witness in a folder of its own."""

    folder: Path
    logs: list[PublicKey]
    name: str = "bank.example/witness"
    port: int = field(default_factory=free_port)
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def policy(self) -> Path:
        path = self.folder.with_suffix(".policy")
        path.write_text("".join(f"log {key}\n" for key in self.logs) + "quorum none\n", encoding="utf-8")
        return path

    @property
    def said(self) -> str:
        """What it has printed."""
        return self.folder.with_suffix(".log").read_text(encoding="utf-8")

    def arguments(self) -> list[str]:
        return [f"--data={self.folder}", f"--policy={self.policy}", f"--name={self.name}"]

    def launch(self, *more: str, program: tuple[str, ...] = ("-m", "backend.witness")) -> "subprocess.Popen[bytes]":
        """Start it without waiting."""
        with self.folder.with_suffix(".log").open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, *program, *self.arguments(), f"--port={self.port}", *more],
                cwd=ROOT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self.process

    def start(self, *more: str, program: tuple[str, ...] = ("-m", "backend.witness")) -> "Witness":
        self.launch(*more, program=program)
        return self.wait()

    def wait(self) -> "Witness":
        """Return when it answers."""
        process = self.process
        assert process
        end = time.monotonic() + STARTS_WITHIN
        while not self.answers():
            assert process.poll() is None, self.said
            assert time.monotonic() < end, self.said
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/verify/policy", timeout=5).ok
        except requests.RequestException:
            return False

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def kill(self) -> None:
        """SIGKILL to the process that was started; its worker must not outlive it."""
        if self.process:
            self.process.kill()
            self.process.wait()

    def end(self) -> None:
        """Whatever is left."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def run(self, command: str, *more: str) -> "subprocess.CompletedProcess[str]":
        """One of its commands."""
        return subprocess.run(
            [sys.executable, "-m", "backend.witness", command, *more],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=STARTS_WITHIN,
            check=False,
        )

    def key(self) -> PublicKey:
        return open_key(self.folder, self.name).public

    def findings(self) -> "subprocess.CompletedProcess[str]":
        return self.run("findings", f"--data={self.folder}")

    def submit(self, content: bytes) -> requests.Response:
        return requests.post(f"{self.url}/add-checkpoint", data=content, timeout=20)

    def newest(self, origin: str = "") -> requests.Response:
        origin = origin or self.logs[0].name
        return requests.get(f"{self.url}/{sha256(origin.encode()).hexdigest()}/checkpoint", timeout=20)

    def size(self) -> int:
        """Of the newest checkpoint that it shows."""
        return Checkpoint.parse(Note.parse(self.newest().text).text).size
