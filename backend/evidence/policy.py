"""Whom to believe (C2SP tlog-policy): the logs, the witnesses, and how many of which make a quorum."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.note import Algorithm, Malformed, Note, PublicKey, Unsigned

NONE = "none"
UNFIT = re.compile(r"[\0-\x08\x0b-\x1f\x7f\ud800-\udfff]")
GAP = re.compile(r"[ \t]+")
COUNT = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness: its name within the policy, its key, and where checkpoints are submitted to it ("" where not said)."""

    name: str
    key: PublicKey
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The known logs and witnesses, and the name whose agreement makes a checkpoint witnessed."""

    logs: tuple[PublicKey, ...] = ()
    witnesses: tuple[Witness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str = NONE

    @classmethod
    def parse(cls, text: str) -> "Policy":
        """The policy that a file's text is. Raises Malformed, naming the line."""
        if UNFIT.search(text):
            raise Malformed("control characters, or what isn't UTF-8")
        reading = _Reading()
        for number, line in enumerate(text.split("\n"), 1):
            words = [word for word in GAP.split(line) if word]
            if words and not words[0].startswith("#"):
                try:
                    reading.take(words)
                except Malformed as why:
                    raise Malformed(f"line {number}: {why}") from why
        if reading.quorum is None:
            raise Malformed("no quorum")
        return cls(tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), reading.quorum)

    def __str__(self) -> str:
        """The text of a file that says the same."""
        lines = [f"log {key}" for key in self.logs]
        lines += [f"witness {each.name} {each.key} {each.url}".rstrip() for each in self.witnesses]
        lines += [f"group {each.name} {each.least} {' '.join(each.members)}" for each in self.groups]
        return "\n".join([*lines, f"quorum {self.quorum}", ""])

    def is_met_by(self, names: Iterable[str]) -> bool:
        """Whether the witnesses of these names make the quorum."""
        agreed = set(names) & {each.name for each in self.witnesses}
        for group in self.groups:
            if sum(member in agreed for member in group.members) >= group.least:
                agreed.add(group.name)
        return self.quorum in {NONE, *agreed}

    def check(self, note: Note) -> "Agreement":
        """The checkpoint of a note, its log's signature checked, and who cosigned it when.

        Raises Malformed for no checkpoint, Unsigned when the log is unknown, didn't sign, or a known witness's
        cosignature is false. Whether the quorum is met stands in the answer.
        """
        checkpoint = self.check_log(note)
        seen = {each.name: signed.time for each in self.witnesses if (signed := note.signed_by(each.key))}
        return Agreement(checkpoint, seen, self.is_met_by(seen))

    def check_log(self, note: Note) -> Checkpoint:
        """The checkpoint of a note, signed by a key listed for its origin. Raises Malformed or Unsigned."""
        checkpoint = Checkpoint.parse(note.text)
        keys = [key for key in self.logs if key.name == checkpoint.origin]
        if not keys:
            raise Unsigned(f"unknown log {checkpoint.origin}")
        if not any([note.signed_by(key) for key in keys]):  # noqa: C419 - a false signature of any of them counts
            raise Unsigned(f"not signed by {checkpoint.origin}")
        return checkpoint


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a policy finds of a signed checkpoint."""

    checkpoint: Checkpoint
    times: dict[str, int]
    """When each witness, by its name in the policy, cosigned: seconds since the epoch."""
    witnessed: bool
    """Whether those who cosigned make the quorum."""


class _Reading:
    """A policy file as far as it is read."""

    def __init__(self) -> None:
        self.logs: list[PublicKey] = []
        self.witnesses: list[Witness] = []
        self.groups: list[Group] = []
        self.quorum: str | None = None
        self._names: set[str] = set()
        self._members: set[str] = set()

    def take(self, words: list[str]) -> None:
        match words:
            case ["log", key, *url] if len(url) <= 1:
                self.logs.append(self._key(key, Algorithm.LOG, [each.raw for each in self.logs]))
            case ["witness", name, key, *url] if len(url) <= 1:
                known = [each.key.raw for each in self.witnesses]
                self.witnesses.append(Witness(self._new(name), self._key(key, Algorithm.COSIGNATURE, known), *url))
            case ["group", name, least, *members] if members:
                self._group(name, least, members)
            case ["quorum", name] if self.quorum is None and name in {NONE, *self._names}:
                self.quorum = name
            case _:
                raise Malformed("not a line of a policy")

    def _group(self, name: str, least: str, members: list[str]) -> None:
        if least not in {"any", "all"} and not COUNT.fullmatch(least):
            raise Malformed("not a number of members")
        count = {"any": 1, "all": len(members)}.get(least) or int(least)
        if count > len(members):
            raise Malformed("so many can't agree")
        if not self._names.issuperset(members) or len({*members}) < len(members) or self._members & {*members}:
            raise Malformed("a member that is unknown or already elsewhere")
        self._members.update(members)
        self.groups.append(Group(self._new(name), count, tuple(members)))

    def _new(self, name: str) -> str:
        if name in {NONE, *self._names}:
            raise Malformed(f"{name} stands here already")
        self._names.add(name)
        return name

    def _key(self, text: str, algorithm: Algorithm, known: list[bytes]) -> PublicKey:
        key = PublicKey.parse(text)
        if key.algorithm is not algorithm or key.raw in known:
            raise Malformed("a key of the wrong type, or listed twice")
        return key
