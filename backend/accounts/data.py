"""The kinds of data that accounts keep."""

from backend.core.features import DataKind, Way

KINDS = (
    DataKind(
        name="accounts.people",
        title="账号和本人信息",
        what="微信登录标识、手机号、姓名、身份证号、为谁代办、同意过什么",
        tables=("accounts.account", "accounts.person", "accounts.holding", "accounts.consent"),
        basis="《个人信息保护法》第十三条第一款第一项、第三项",
        way=Way.LASTING,
        kept="在您使用账号期间保存；不再使用时可以要求删除",
    ),
    DataKind(
        name="accounts.sessions",
        title="登录凭证",
        what="手机保持登录用的一次性凭证，只存摘要",
        tables=("accounts.refresh_token",),
        basis="《个人信息保护法》第十三条第一款第一项",
        way=Way.ROWS,
        days=0,
        since="凭证到期之日",
    ),
    DataKind(
        name="accounts.accesses",
        title="查看记录",
        what="哪个单位的谁在什么时候、为什么看了您的哪些信息",
        tables=("accounts.access_log",),
        basis="《个人信息保护法》第五十一条、第五十六条",
        way=Way.ROWS,
        days=1096,
    ),
    DataKind(
        name="accounts.offices",
        title="单位和操作员",
        what="单位名称、操作员的姓名和用户名、密码的摘要",
        tables=("accounts.*",),
        basis="《网络安全法》第二十一条",
        way=Way.LASTING,
        kept="单位使用本系统期间保存",
    ),
)
