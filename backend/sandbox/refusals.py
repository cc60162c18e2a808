"""WeChat's refusals: HTTP 200 with an `errcode` and an `errmsg`."""

import secrets

MESSAGES = {
    -1: "system busy",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40037: "invalid template_id",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40165: "invalid weapp pagepath",
    40169: "invalid length for scene, or the data is not json string",
    40226: "code blocked",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43101: "user refuse to accept the msg",
    44004: "empty content",
    45002: "content size out of limit",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit  must slower  retry next minute",
    47001: "data format error",
    47003: "argument invalid!",
    85401: "time limit between 1min and 1year",
}


class Refusal(Exception):  # noqa: N818 - it is WeChat's answer, not an error of the sandbox
    """WeChat says no."""

    def __init__(self, code: int, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail

    def body(self) -> dict[str, object]:
        """The reply, with an id of the request (rid) as WeChat adds one."""
        said = " ".join(part for part in (MESSAGES[self.code], self.detail) if part)
        return {"errcode": self.code, "errmsg": f"{said} rid: {secrets.token_hex(4)}-{secrets.token_hex(4)}"}
