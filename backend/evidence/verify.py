"""`python -m backend.evidence.verify FILE [--policy FILE]`: check a proof offline and say in Chinese what was checked.

It needs the log's and the witnesses' public keys (a tlog-policy file) and nothing else: no database, no network, no
configuration. Without `--policy` the policy of this machine's own log is taken, which proves to nobody else.
Exit status 0 when the proof holds by this policy, 1 when it doesn't.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from pathlib import Path

from backend.evidence.checkpoint import Checkpoint
from backend.evidence.merkle import Unproven, check_inclusion, leaf_hash
from backend.evidence.note import Malformed, Note, Unsigned
from backend.evidence.policy import NONE, Policy, Witness
from backend.evidence.proof import Proof

SHANGHAI = timezone(timedelta(hours=8))
MOST_BYTES = 4 << 20
SLACK = 300
"""Seconds by which a witness's clock may be ahead of ours before it is worth a word."""


class Mark(StrEnum):
    HOLDS = "✓"
    FAILS = "✗"
    SAID = "·"
    """Nothing that could be false by itself."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what was found."""

    mark: Mark
    title: str
    text: str

    def __str__(self) -> str:
        return f"{self.mark} {self.title}：{self.text}"


def explain(proof: Proof, policy: Policy) -> Iterator[Finding]:
    """What is found of a proof, in the order of the checks; the proof holds when none of them fails."""
    if proof.opening is None:
        yield Finding(Mark.FAILS, "记录", "证明里没有记录内容，无法核对它说的是什么。")
        return
    opening = proof.opening
    yield Finding(Mark.SAID, "记录", f"种类 {opening.kind}，编号 {opening.id}，内容 {opening.canonical.decode()}")
    yield Finding(Mark.SAID, "承诺", f"由盐、种类、编号和内容重新算出 HMAC-SHA-256 {opening.commitment.hex()}")
    try:
        tree = Checkpoint.parse(proof.checkpoint.text)
    except Malformed:
        yield Finding(Mark.FAILS, "检查点", "文本不是检查点，文件已损坏或被改动。")
        return
    yield _place(proof, tree)
    yield _log(proof.checkpoint, policy, tree)
    seen = []
    for witness in policy.witnesses:
        finding = _witness(proof.checkpoint, witness)
        seen += [witness.name] if finding.mark is Mark.HOLDS else []
        yield finding
    yield _quorum(policy, seen)


def _place(proof: Proof, tree: Checkpoint) -> Finding:
    opening = proof.opening
    leaf = leaf_hash(opening.commitment) if opening else b""
    try:
        check_inclusion(index=proof.index, size=tree.size, leaf=leaf, path=proof.path, root=tree.root)
    except Unproven:
        return Finding(
            Mark.FAILS,
            "位置",
            f"按索引 {proof.index} 和路径算不出检查点的根：记录、路径或检查点被改动过，或不属于同一日志。",
        )
    return Finding(
        Mark.HOLDS,
        "位置",
        f"索引 {proof.index}，共 {tree.size} 条；由承诺沿 {len(proof.path)} 个哈希算得检查点的根：{tree.root.hex()}",
    )


def _log(note: Note, policy: Policy, tree: Checkpoint) -> Finding:
    try:
        policy.check_log(note)
    except Unsigned:
        known = any(key.name == tree.origin for key in policy.logs)
        why = "没有它的签名，或签名不符" if known else "信任策略里没有这个日志"
        return Finding(Mark.FAILS, "日志签名", f"{tree.origin}：{why}。")
    return Finding(Mark.HOLDS, "日志签名", f"{tree.origin} 的 Ed25519 签名有效")


def _witness(note: Note, witness: Witness) -> Finding:
    title = f"见证方 {witness.name}"
    try:
        signature = note.signed_by(witness.key)
    except Unsigned:
        return Finding(Mark.FAILS, title, f"{witness.key.name} 的联署签名不符，检查点被改动过。")
    if signature is None:
        return Finding(Mark.SAID, title, "没有联署这个检查点")
    ahead = "（晚于本机时间，请核对两边的时钟）" if signature.time > time.time() + SLACK else ""
    return Finding(Mark.HOLDS, title, f"{witness.key.name} 于 {_moment(signature.time)}联署{ahead}")


def _moment(seconds: int) -> str:
    try:
        moment = datetime.fromtimestamp(seconds, UTC).astimezone(SHANGHAI)
    except (OverflowError, ValueError, OSError):
        return f"纪元后 {seconds} 秒"
    return f"{moment:%Y-%m-%d %H:%M:%S}（北京时间）"


def _quorum(policy: Policy, seen: list[str]) -> Finding:
    if policy.quorum == NONE:
        return Finding(Mark.HOLDS, "见证条件", "策略不要求见证：只有日志自己的签名，没有第三方证明它没有分叉")
    if policy.is_met_by(seen):
        return Finding(Mark.HOLDS, "见证条件", f"已满足 {policy.quorum}：{_said(policy, policy.quorum)}")
    return Finding(Mark.FAILS, "见证条件", f"未满足 {policy.quorum}：{_said(policy, policy.quorum)}。")


def _said(policy: Policy, name: str) -> str:
    """A quorum's name taken apart into witnesses: "2/3（bank、tax、insurer）"."""
    group = next((each for each in policy.groups if each.name == name), None)
    if group is None:
        return name
    return f"{group.least}/{len(group.members)}（{'、'.join(_said(policy, member) for member in group.members)}）"


def main(arguments: list[str] | None = None) -> int:
    """Check the file that the command line names and print the findings; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m backend.evidence.verify", description="离线核验存证证明。")
    parser.add_argument("file", type=Path, metavar="FILE", help="证明文件：.tlog-proof 或其 JSON 形式")
    home = Path(os.environ.get("DATA_DIR", ".local")) / "evidence" / "policy.txt"
    parser.add_argument("--policy", type=Path, metavar="FILE", default=home, help=f"信任策略（默认 {home}）")
    given = parser.parse_args(arguments)
    try:
        policy = Policy.parse(_read(given.policy))
    except (OSError, ValueError) as why:
        return _end([f"信任策略 {given.policy}：{_reason(why)}"], holds=False)
    try:
        proof = Proof.parse(_read(given.file))
    except (OSError, ValueError) as why:
        return _end([f"证明文件 {given.file}：{_reason(why)}"], holds=False)
    lines = [
        f"证明文件：{given.file}",
        f"信任策略：{given.policy}（{len(policy.logs)} 个日志，{len(policy.witnesses)} 个见证方）",
    ]
    findings = list(explain(proof, policy))
    return _end([*lines, *map(str, findings)], holds=all(each.mark is not Mark.FAILS for each in findings))


def _read(file: Path) -> str:
    with file.open("rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise Malformed("larger than any proof")
    return content.decode()


def _reason(why: Exception) -> str:
    if isinstance(why, FileNotFoundError):
        return "找不到文件，请核对文件名；策略用 --policy 指明。"
    if isinstance(why, OSError):
        return "无法读取文件。"
    return f"格式不符，已损坏或被改动（{why if isinstance(why, Malformed) else 'not UTF-8'}）。"


def _end(lines: list[str], *, holds: bool) -> int:
    verdict = "结论：证明成立。" if holds else "结论：证明不成立，请勿采信。"
    sys.stdout.buffer.write("".join(f"{_visible(line)}\n" for line in [*lines, verdict]).encode())
    sys.stdout.buffer.flush()
    return 0 if holds else 1


def _visible(line: str) -> str:
    """The line without what would steer a terminal or turn the order of its text."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in line)


if __name__ == "__main__":
    sys.exit(main())
