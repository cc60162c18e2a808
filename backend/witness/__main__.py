"""`python -m backend.witness --data DIR --policy FILE --name NAME --port N`, and its commands."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from backend.evidence.note import Malformed
from backend.evidence.policy import Policy
from backend.witness import identity, recovery
from backend.witness.identity import Refusal, open_witness
from backend.witness.rules import Kind
from backend.witness.server import Place
from backend.witness.store import Finding, Store

SAYS = {
    Kind.FORK: "分叉：日志为同一大小签了两个不同的根，两份签名不可能同时诚实",
    Kind.ROLLBACK: "倒退：日志签了比已见证更小、又从未见证过的树（也可能是迟到的旧检查点）",
    Kind.UNPROVEN: "无法证明是延续：所附证明不能说明新树包含已见证的树",
    Kind.EMPTY: "空树的根不对",
}
FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
data_option = click.option("--data", type=FOLDER, required=True, help="密钥和见证记录所在目录。")
policy_option = click.option("--policy", type=FILE, required=True, help="本见证认可的日志和见证（C2SP tlog-policy）。")
name_option = click.option("--name", required=True, help="密钥名，如 bank.example/witness。")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """存证日志的独立见证。启动：python -m backend.witness --data 目录 --policy 文件 --name 名称 --port 端口。"""


@cli.command("serve")
@data_option
@policy_option
@name_option
@click.option("--port", type=click.IntRange(1, 65535), required=True)
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--new-store", is_flag=True, help="密钥从未签过任何检查点时，为它新建丢失的见证记录。")
def serve(data: Path, policy: Path, name: str, port: int, host: str, *, new_store: bool) -> None:
    """启动见证（可省略 serve 一词）。"""
    Policy.parse(policy.read_text(encoding="utf-8"))
    # Before anything is forked: a folder that must not be used is refused here.
    key, store = open_witness(data, name, new_store=new_store)
    store.close()
    click.echo(f"见证 {key.name} 在 http://{host}:{port}/ ，公钥 {key.public}")
    Place(data, name, policy, host, port).serve()


@cli.command("key")
@data_option
@name_option
def show_key(data: Path, name: str) -> None:
    """显示公钥；没有密钥时先生成。"""
    click.echo(str(identity.open_key(data, name).public))


@cli.command("adopt")
@data_option
@policy_option
@name_option
@click.argument("checkpoint", type=FILE)
def adopt(data: Path, policy: Path, name: str, checkpoint: Path) -> None:
    """见证记录丢失或过旧时，从一份带有本见证签名的检查点恢复。"""
    rules = Policy.parse(policy.read_text(encoding="utf-8"))
    tree = recovery.adopt(data, name, rules, checkpoint.read_text(encoding="utf-8"))
    click.echo(f"已恢复到 {tree.origin} 的 {tree.size} 条。")


@cli.command("findings")
@data_option
def show_findings(data: Path) -> None:
    """列出日志不诚实的证据；有证据时退出状态为 3。"""
    if not (data / identity.STORE).exists():
        raise Refusal(f"{data} 里没有见证记录。")
    store = Store(data / identity.STORE)
    with store.reading() as rows:
        found = rows.findings()
    store.close()
    for each in found:
        click.echo(_described(each))
    click.echo(f"共 {len(found)} 项。" if found else "没有发现日志有不诚实的签名。")
    if found:
        raise SystemExit(3)


def _described(finding: Finding) -> str:
    at = datetime.fromtimestamp(finding.at, UTC).astimezone().isoformat(sep=" ")
    times = f"，同样的提交共 {finding.times} 次" if finding.times > 1 else ""
    return "\n".join(
        (
            f"■ {SAYS[finding.kind]}",
            f"日志 {finding.origin}，大小 {finding.size}，{at}{times}",
            "日志签名的检查点：",
            finding.note,
            "本见证当时持有的检查点：",
            finding.held or "（无）\n",
            "所附证明：",
            f"{finding.proof}\n",
        )
    )


def main(arguments: list[str]) -> int:
    """The exit status; what is in the way is said in a sentence."""
    if arguments and arguments[0].startswith("--") and arguments[0] != "--help":
        arguments = ["serve", *arguments]
    try:
        cli(arguments, prog_name="python -m backend.witness")
    except Refusal as refusal:
        click.echo(f"{refusal}", err=True)
    except Malformed as fault:
        click.echo(f"政策文件有误：{fault}", err=True)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
