"""Configuration: typed, frozen, from the environment and `.env`, complete before anything starts."""

import secrets
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from flask import current_app
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Mode(StrEnum):
    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


class ConfigError(SystemExit):
    """The process doesn't start; the message names every value at fault."""


DEMO_PREFIX = "demo-"
DEMO_PROVINCE, DEMO_PROVINCE_KEY = "320000", "demo-province-key"
"""The province that the sandbox plays, Jiangsu, and the secret that both sides have."""
PROVINCE_DIGITS = 6
SANDBOX_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})


def _demo_secret() -> SecretStr:
    return SecretStr(DEMO_PREFIX + secrets.token_urlsafe(32))


class Config(BaseSettings):
    """Every setting of the product. Environment names are these names in capitals.

    Keys are texts; `data_keys` is "id:secret,id:secret", the first one seals and all of them open, so that a new key
    is put in front and the old one dropped once `flask keys reseal` has run.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    mode: Mode = Mode.DEMO
    port: int = Field(default=8000, ge=1, le=65000)
    data_dir: Path = Path(".local")
    public_url: str = ""

    database_url: str = ""
    database_owner_url: str = ""
    redis_url: str = ""
    files_url: str = ""

    secret_key: SecretStr = Field(default_factory=_demo_secret)
    token_key: SecretStr = Field(default_factory=_demo_secret)
    index_key: SecretStr = Field(default_factory=_demo_secret)
    data_keys: SecretStr = Field(default_factory=lambda: SecretStr(f"demo:{DEMO_PREFIX}{secrets.token_urlsafe(32)}"))

    wechat_base_url: str = ""
    wechat_appid: str = "wx0000000000000demo"
    wechat_secret: SecretStr = SecretStr("demo-wechat-secret")
    wechat_push_token: SecretStr = SecretStr("demo-push-token")
    wechat_push_key: SecretStr = Field(default=SecretStr(""), description="EncodingAESKey; empty: no secure pushes")
    wechat_templates: str = Field(default="", description="declare=id,colour=id,trip=id of the subscribe messages")
    wechat_verify_file: str = Field(default="", description="Name=content of the file that proves our domain to WeChat")
    sms_base_url: str = ""
    sms_key: SecretStr = SecretStr("demo-sms-key")

    metrics_token: SecretStr = Field(default=SecretStr(""), description="Empty: only this machine may scrape")
    cookie_secure: bool = False
    trusted_proxies: int = Field(default=0, ge=0, le=3)
    web_threads: int = Field(default=8, ge=1)
    map_review_number: str = Field(default="", description="审图号 shown under every map")
    service_phone: str = Field(default="12333", description="The number behind 打电话求助")
    evidence_origin: str = Field(
        default="linghuo.local/log", pattern=r"^[^\s+]+$", description="The evidence log's name, for ever"
    )
    evidence_key: SecretStr = Field(default=SecretStr(""), description="Signs the log: flask evidence keygen makes one")
    evidence_policy: str = Field(default="", description="A tlog-policy file; empty: DATA_DIR/evidence/policy.txt")
    log_url: str = Field(default="", description="Where the log is published: any fsspec URL; empty: DATA_DIR/log")
    anchor_rpc_url: str = Field(default="", description="JSON-RPC of an EVM chain; empty: nothing is anchored")
    anchor_key: SecretStr = Field(default=SecretStr(""), description="Of the chain's account that writes: 0x and hex")
    province_urls: str = Field(default="", description="Health queries of provinces: 320000=https://…,520000=https://…")
    province_keys: SecretStr = Field(default=SecretStr(""), description="320000=secret,520000=secret of those")
    province_app: str = Field(default="linghuo", description="What the provinces call us")
    partners_key: SecretStr = Field(default_factory=_demo_secret)
    codes_issuer: str = Field(default="520600", pattern=r"^\d{6}$", description="Region whose government issues codes")
    codes_issuers: str = Field(
        default="",
        pattern=r"^(\d{6}(,\d{6})*)?$",
        description="Further regions, by commas, whose governments issue their own people's codes",
    )

    @property
    def base_url(self) -> str:
        """Where people reach the web server, without a slash at the end."""
        return (self.public_url or f"http://127.0.0.1:{self.port}").rstrip("/")

    @property
    def issuers(self) -> tuple[str, ...]:
        """The regions whose governments issue codes; the first one does for whoever belongs to none of them."""
        return tuple(dict.fromkeys([self.codes_issuer, *filter(None, self.codes_issuers.split(","))]))

    @property
    def template_ids(self) -> dict[str, str]:
        """WeChat's ids of the subscribe messages' templates, by our names for them."""
        return _pairs(self.wechat_templates)

    @property
    def provinces(self) -> dict[str, str]:
        """The addresses of the provinces' health queries, by GB/T 2260 code; empty where none is connected."""
        return _pairs(self.province_urls)

    @property
    def keys_of_provinces(self) -> dict[str, str]:
        """The secrets with which their messages and ours are signed."""
        return _pairs(self.province_keys.get_secret_value())

    @property
    def sandbox_url(self) -> str:
        return f"http://127.0.0.1:{self.port + 1}"

    @property
    def files(self) -> str:
        """The fsspec URL below which files are kept."""
        return self.files_url or (self.data_dir.resolve() / "files").as_uri()

    @property
    def published_log(self) -> str:
        """The fsspec URL below which the evidence log is published."""
        return self.log_url or (self.data_dir.resolve() / "log").as_uri()

    @property
    def policy_file(self) -> Path:
        """Where the policy stands that says whose cosignatures make a checkpoint witnessed."""
        return Path(self.evidence_policy) if self.evidence_policy else self.data_dir / "evidence" / "policy.txt"

    @model_validator(mode="after")
    def _default_addresses(self) -> Self:
        if self.mode is not Mode.PRODUCTION:
            for name in ("wechat_base_url", "sms_base_url"):
                if not getattr(self, name):
                    object.__setattr__(self, name, self.sandbox_url)
            if not self.province_urls:
                object.__setattr__(self, "province_urls", f"{DEMO_PROVINCE}={self.sandbox_url}")
                object.__setattr__(self, "province_keys", SecretStr(f"{DEMO_PROVINCE}={DEMO_PROVINCE_KEY}"))
        return self

    @model_validator(mode="after")
    def _fit_for_production(self) -> Self:
        if self.mode is Mode.PRODUCTION and (faults := list(self._faults())):
            raise ConfigError("The configuration is not fit for production:\n" + "\n".join(f"- {f}" for f in faults))
        return self

    def _faults(self) -> list[str]:
        names = (
            "secret_key",
            "token_key",
            "index_key",
            "data_keys",
            "partners_key",
            "evidence_key",
            "wechat_secret",
            "wechat_push_token",
            "sms_key",
        )
        found = [
            f"{name.upper()} is a demo secret or missing"
            for name in names
            if not (value := getattr(self, name).get_secret_value()) or DEMO_PREFIX in value or len(value) < 16  # noqa: PLR2004 - characters of a secret at the least
        ]
        found += [
            f"{name.upper()} is missing"
            for name in ("database_url", "redis_url", "public_url", "wechat_base_url", "sms_base_url")
            if not getattr(self, name)
        ]
        found += [
            f"{name.upper()} leads to a sandbox: {getattr(self, name)}"
            for name in ("wechat_base_url", "sms_base_url", "public_url")
            if urlsplit(getattr(self, name)).hostname in SANDBOX_HOSTS
        ]
        found += self._province_faults()
        if self.evidence_origin == type(self).model_fields["evidence_origin"].default:
            found.append("EVIDENCE_ORIGIN is the demo's")
        if self.anchor_rpc_url and not self.anchor_key.get_secret_value():
            found.append("ANCHOR_KEY is missing")
        if missing := {"declare", "colour", "trip"} - self.template_ids.keys():
            found.append(f"WECHAT_TEMPLATES lacks {', '.join(sorted(missing))}")
        if "demo" in self.wechat_appid:
            found.append("WECHAT_APPID is the demo's")
        if self.public_url and not self.public_url.startswith("https://"):
            found.append("PUBLIC_URL is not https: camera, position and WebCrypto need it")
        if not self.cookie_secure:
            found.append("COOKIE_SECURE is off")
        return found

    def _province_faults(self) -> list[str]:
        """None where no province is connected: nobody has to be."""
        keys, found = self.keys_of_provinces, []
        for code, url in self.provinces.items():
            parts, key = urlsplit(url), keys.get(code, "")
            if not (len(code) == PROVINCE_DIGITS and code.isdigit() and code.endswith("0000")):
                found.append(f"PROVINCE_URLS names {code}, which is no province's code")
            if parts.hostname in SANDBOX_HOSTS:
                found.append(f"PROVINCE_URLS leads to a sandbox: {url}")
            elif parts.scheme != "https":
                found.append(f"PROVINCE_URLS is not https: {url}")
            if DEMO_PREFIX in key or len(key) < 16:  # noqa: PLR2004 - characters of a secret at the least
                found.append(f"PROVINCE_KEYS has a demo secret or none for {code}")
        return found


def _pairs(text: str) -> dict[str, str]:
    """What a text like a=b,c=d says, by name."""
    return dict(pair.split("=", 1) for pair in text.replace(" ", "").split(",") if "=" in pair)


def settings() -> Config:
    """The configuration of the application in whose context this runs."""
    config: Config = current_app.config["LINGHUO"]
    return config
