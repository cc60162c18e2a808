"""Signing in: by WeChat's codes in one tap, by an SMS code without WeChat; tokens that rotate."""

from uuid import UUID

from flask import Response
from pydantic import Field

from backend.accounts import actions
from backend.accounts.models import Account
from backend.core.errors import TooMany, Unauthenticated, Unavailable
from backend.core.outside import wechat
from backend.core.refusals import render_refusal
from backend.core.transactions import release
from backend.core.wechat import CodeInvalid, TooFrequent, UserBlocked, WeChatError
from backend.notices import sign_in_codes
from miniprogram_api.guard import public
from miniprogram_api.schemas import Answer, Body

PHONE = r"^1[3-9]\d{9}$"


class WeChatIn(Body):
    login_code: str = Field(min_length=1, max_length=128, pattern=r"^[0-9A-Za-z_-]+$", examples=["0a3Kx0Ga1sV9yM0"])
    phone_code: str | None = Field(
        default=None,
        max_length=128,
        pattern=r"^[0-9A-Za-z_-]+$",
        description="Of the getPhoneNumber button; leave it out when the user refuses the number.",
        examples=["e31968a7f94cc5ee25fafc2aef2773f0"],
    )


class PhoneIn(Body):
    phone: str = Field(pattern=PHONE, examples=["13800000001"])


class CodeIn(PhoneIn):
    code: str = Field(pattern=r"^\d{6}$", examples=["204518"])


class RefreshIn(Body):
    refresh_token: str = Field(min_length=20, max_length=200, examples=["Hq3oJ2b0S2n5cE7m1k9sXw4tU8vYz6aB"])


class WaitOut(Answer):
    retry_after: int = Field(description="Seconds until another code may be asked for.", examples=[60])


class AccountOut(Answer):
    id: UUID
    phone_mask: str | None = Field(examples=["138****0001"])


class TokensOut(Answer):
    access_token: str
    expires_in: int = Field(description="Seconds.", examples=[900])
    refresh_token: str = Field(description="Good for one use; the answer brings the next.")
    account: AccountOut


def _tokens(account: Account) -> TokensOut:
    return TokensOut.model_validate(actions.issue_tokens(account=account))


@public.post("/auth/wechat")
@public.input(WeChatIn, arg_name="body")
@public.output(TokensOut)
def sign_in_wechat(body: WeChatIn) -> TokensOut:
    """微信一键登录 Sign in by the codes of wx.login and, if given, of the phone-number button."""
    release()
    try:
        openid = wechat().session(body.login_code).openid
        phone = wechat().phone_number(body.phone_code) if body.phone_code else None
    except CodeInvalid as used:
        raise Unauthenticated("wechat.code_invalid", "微信登录已失效，请退出小程序重新打开。") from used
    except TooFrequent as often:
        raise TooMany("wechat.too_frequent", "登录太频繁，请一分钟后再试。", retry_after=60) from often
    except UserBlocked as blocked:
        raise Unauthenticated("wechat.blocked", "微信暂时不允许这个账号登录，请改用手机号登录。") from blocked
    except WeChatError as down:
        raise Unavailable(
            "wechat.unavailable", "微信暂时没有响应，请稍后再试，或改用手机号登录。", retry_after=5
        ) from down
    return _tokens(actions.sign_in_wechat(openid=openid, phone=_mainland(phone)))


def _mainland(phone: str | None) -> str | None:
    """WeChat's number where it is one that we can reach by SMS."""
    return (
        phone
        if phone is not None and phone.isascii() and phone.isdigit() and len(phone) == len("13800000001")
        else None
    )


@public.post("/auth/sms")
@public.input(PhoneIn, arg_name="body")
@public.output(WaitOut, 202)
def send_code(body: PhoneIn) -> WaitOut:
    """获取短信验证码 Have a sign-in code sent to a phone."""
    return WaitOut(retry_after=sign_in_codes.request_code(body.phone))


@public.post("/auth/sms/verify")
@public.input(CodeIn, arg_name="body")
@public.output(TokensOut)
def sign_in_phone(body: CodeIn) -> TokensOut:
    """短信验证码登录 Sign in by the code that was sent."""
    sign_in_codes.check_code(body.phone, body.code)
    return _tokens(actions.sign_in_phone(phone=body.phone))


@public.post("/auth/refresh")
@public.input(RefreshIn, arg_name="body")
@public.output(TokensOut)
def refresh(body: RefreshIn) -> TokensOut | Response:
    """续期 The next tokens; a refresh token used twice ends the whole sign-in."""
    found = actions.refresh_tokens(token=body.refresh_token)
    if found is None:
        return render_refusal(Unauthenticated("accounts.refresh_reused", "登录已在别处使用，为安全起见请重新登录。"))
    return TokensOut.model_validate(found)


@public.post("/auth/logout")
@public.input(RefreshIn, arg_name="body")
@public.output({}, 204)
def logout(body: RefreshIn) -> str:
    """退出登录 End this sign-in."""
    actions.revoke_tokens(token=body.refresh_token)
    return ""
