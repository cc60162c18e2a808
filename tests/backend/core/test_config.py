from pathlib import Path

import pytest
from pydantic import ValidationError

from backend.core.config import Config, ConfigError

GOOD = {
    "mode": "production",
    "database_url": "postgresql+psycopg://linghuo@db.internal/linghuo",
    "redis_url": "redis://redis.internal",
    "public_url": "https://linghuo.example.cn",
    "wechat_base_url": "https://api.weixin.qq.com",
    "wechat_appid": "wx1234567890abcdef",
    "sms_base_url": "https://sms.example.cn",
    "wechat_templates": "declare=t1, colour=t2, trip=t3",
    "cookie_secure": True,
    "secret_key": "s" * 32,
    "token_key": "t" * 32,
    "index_key": "i" * 32,
    "data_keys": "k1:" + "d" * 32,
    "partners_key": "g" * 32,
    "wechat_secret": "w" * 32,
    "wechat_push_token": "p" * 32,
    "sms_key": "m" * 32,
    "evidence_origin": "linghuo.example.cn/log",
    "evidence_key": "e" * 32,
}


def test_a_complete_production_configuration_is_accepted():
    assert Config(_env_file=None, **GOOD).base_url == "https://linghuo.example.cn"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"secret_key": "demo-secret-of-many-characters"}, "SECRET_KEY"),
        ({"token_key": "short"}, "TOKEN_KEY"),
        ({"evidence_key": ""}, "EVIDENCE_KEY"),
        ({"evidence_origin": "linghuo.local/log"}, "EVIDENCE_ORIGIN"),
        ({"wechat_base_url": "http://127.0.0.1:8001"}, "WECHAT_BASE_URL leads to a sandbox"),
        ({"sms_base_url": ""}, "SMS_BASE_URL is missing"),
        ({"public_url": "http://linghuo.example.cn"}, "not https"),
        ({"wechat_appid": "wx0000000000000demo"}, "WECHAT_APPID"),
        ({"wechat_templates": "declare=t1"}, "WECHAT_TEMPLATES lacks colour, trip"),
        ({"cookie_secure": False}, "COOKIE_SECURE"),
        ({"province_urls": "320000=http://127.0.0.1:8001"}, "PROVINCE_URLS leads to a sandbox"),
        ({"province_urls": "320000=http://jiangsu.example.cn"}, "PROVINCE_URLS is not https"),
        ({"province_urls": "320583=https://kunshan.example.cn"}, "320583, which is no province's"),
        ({"province_urls": "320000=https://jiangsu.example.cn"}, "PROVINCE_KEYS has a demo secret or none for 320000"),
    ],
)
def test_production_refuses_to_start_and_names_the_value(change, named):
    with pytest.raises(ConfigError, match=named):
        Config(_env_file=None, **(GOOD | change))


def test_production_names_everything_at_once():
    with pytest.raises(ConfigError) as refused:
        Config(_env_file=None, mode="production")
    for name in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "SMS_KEY"):
        assert name in str(refused.value)


def test_the_configuration_does_not_change_once_made():
    config = Config(_env_file=None)
    with pytest.raises(ValidationError, match="frozen"):
        config.port = 9000


def test_addresses_follow_from_the_port(tmp_path: Path):
    config = Config(_env_file=None, port=9100, data_dir=tmp_path)
    assert (config.base_url, config.wechat_base_url) == ("http://127.0.0.1:9100", "http://127.0.0.1:9101")
    assert config.files.startswith("file://")


def test_secrets_are_not_in_its_representation():
    assert "s" * 32 not in repr(Config(_env_file=None, **GOOD))
