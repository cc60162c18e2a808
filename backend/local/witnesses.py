"""The witnesses that stand for the parties who would run their own: each a program with key, store and policy.

They are started where the user names no policy of real ones.
"""

from dataclasses import dataclass
from pathlib import Path

from backend.core.config import Config, Mode
from backend.evidence.note import PublicKey
from backend.local.problems import Problem
from backend.witness.identity import Refusal, open_witness

PARTIES = {
    "market-supervision": "市场监督管理局",
    "tax": "税务局",
    "bank": "银行",
    "insurer": "保险公司",
}
FIRST_PORT = 3
"""Above the instance's own: web, sandbox and broker come before."""


@dataclass(frozen=True, slots=True)
class Witness:
    name: str
    title: str
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def page(self) -> str:
        """Where it verifies proofs by its own policy."""
        return f"{self.url}/verify/"

    @property
    def key_name(self) -> str:
        return f"{self.name}.local/witness"

    @property
    def policy(self) -> Path:
        return self.folder / "policy.txt"

    def arguments(self) -> list[str]:
        """What it is started with."""
        return [f"--data={self.folder}", f"--policy={self.policy}", f"--name={self.key_name}", f"--port={self.port}"]


def find(config: Config) -> tuple[Witness, ...]:
    """The witnesses of this configuration; none in production, or where a policy is named."""
    if config.evidence_policy or config.mode is Mode.PRODUCTION:
        return ()
    folder = config.data_dir.resolve() / "witnesses"
    ports = range(config.port + FIRST_PORT, config.port + FIRST_PORT + len(PARTIES))
    return tuple(
        Witness(name, title, folder / name, port) for (name, title), port in zip(PARTIES.items(), ports, strict=True)
    )


def make(config: Config, log: PublicKey, witnesses: tuple[Witness, ...]) -> None:
    """Have their keys, and the policy by which the product and each of them judge; what fits already is left alone.

    Refuses: Problem when a witness has lost its key or its store.
    """
    if not witnesses:
        return
    try:
        lines = [f"witness {each.name} {_key(each)} {each.url}" for each in witnesses]
    except Refusal as refusal:
        raise Problem(str(refusal)) from refusal
    text = POLICY.format(log=log, witnesses="\n".join(lines))
    for path in (config.policy_file, *(each.policy for each in witnesses)):
        _write(path, text)


def _key(witness: Witness) -> PublicKey:
    key, store = open_witness(witness.folder, witness.key_name)
    store.close()
    return key.public


POLICY = """\
# 谁的检查点算数：日志自己签名，市场监督管理局见证，并且税务局、银行、保险公司中至少两家见证。
log {log}
{witnesses}
group others 2 tax bank insurer
group quorum all market-supervision others
quorum quorum
"""


def _write(path: Path, text: str) -> None:
    """Whole or not at all: a reader may be running."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
