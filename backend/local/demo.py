"""Who can sign in to the demo, as shown at the terminal when it is ready."""

from dataclasses import dataclass

from backend.core.config import Config

PASSWORD = "Linghuo-2020"  # noqa: S105 - the demo's, public on purpose; production has no such account


@dataclass(frozen=True, slots=True)
class SignIn:
    role: str
    url: str
    name: str
    """Empty where no name is asked: the sandbox's page plays the phone."""
    password: str


def sign_ins(config: Config) -> tuple[SignIn, ...]:
    """The demo's people, in the order of the story."""
    console = config.base_url + "/console/"
    return (
        SignIn("铜仁市人社局（输出地）", console, "tongren", PASSWORD),
        SignIn("昆山市人社局（输入地）", console, "kunshan", PASSWORD),
        SignIn("铜仁市人社局（复核）", console, "tongren2", PASSWORD),
        SignIn("昆山市人社局（复核）", console, "kunshan2", PASSWORD),
        SignIn("遵义市人社局（与本次无关）", console, "zunyi", PASSWORD),
        SignIn("铜仁站查验员", config.base_url + "/checkpoint/", "officer", PASSWORD),
        SignIn("昆山市市场监督管理局（看存证）", console, "shichang", PASSWORD),
        SignIn("昆山农村商业银行（看存证）", console, "bank", PASSWORD),
        SignIn("昆山晨星电子（用工企业，虚构）", console, "factory", PASSWORD),
        SignIn("平台管理员", console, "platform", PASSWORD),
        SignIn("务工人员（在沙箱页选择微信用户）", config.sandbox_url + "/", "", ""),
    )
