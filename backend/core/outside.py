"""The live clients of the outside world that several contexts share, made once a process from the configuration."""

from typing import cast

from flask import current_app

from backend.core.config import settings
from backend.core.redis import redis_client
from backend.core.wechat import WeChat


def wechat() -> WeChat:
    """WeChat, as configured."""
    if "linghuo.wechat" not in current_app.extensions:
        config = settings()
        current_app.extensions["linghuo.wechat"] = WeChat(
            appid=config.wechat_appid,
            secret=config.wechat_secret.get_secret_value(),
            base_url=config.wechat_base_url,
            redis=redis_client(),
            push_token=config.wechat_push_token.get_secret_value(),
            push_key=config.wechat_push_key.get_secret_value(),
        )
    return cast("WeChat", current_app.extensions["linghuo.wechat"])
