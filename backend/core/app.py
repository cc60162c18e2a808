"""The application factory: configuration, database, Celery, features, refusals."""

from collections.abc import Sequence
from typing import Any

from apiflask import APIBlueprint
from apiflask.exceptions import HTTPError
from celery.schedules import crontab
from flask_migrate import Migrate
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.core import clock, logs, refusals, requests, tasks
from backend.core.config import Config
from backend.core.db import db
from backend.core.errors import Refused
from backend.core.events import Event, event_name
from backend.core.features import Feature, Scheduled, load

MAX_BODY = 24 * 1024 * 1024


def build(features: Sequence[Feature], config: Config) -> requests.Application:
    """An application of these features; nothing connects to anything before it is used."""
    app = requests.Application("backend", title="Linghuo 灵活", version="1", spec_path=None, docs_path=None)
    app.config.from_mapping(_flask_settings(config))
    app.extensions["linghuo.features"] = tuple(features)
    logs.configure()
    db.init_app(app)
    Migrate(app, db, directory="migrations", compare_type=True, include_schemas=True)
    app.extensions["linghuo.evidence"] = {kind.name: kind for each in features for kind in each.evidence}
    _connect_events(app, features)
    tasks.configure(app, config, _schedule(features))
    requests.install(app, config.web_threads)
    _install_refusals(app)
    app.jinja_env.filters["shown"] = clock.shown
    for feature in features:
        for module in feature.tasks:
            load(f"{module}:__name__")
        for name in feature.blueprints:
            blueprint = load(name)
            # APIFlask asks every blueprint; pages are no part of the API's document.
            vars(blueprint).setdefault("enable_openapi", isinstance(blueprint, APIBlueprint))
            app.register_blueprint(blueprint)
        if feature.commands:
            app.cli.add_command(load(feature.commands))
    if config.trusted_proxies:
        n = config.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign] # Flask's documented way
    return app


def _flask_settings(config: Config) -> dict[str, Any]:
    return {
        "LINGHUO": config,
        "SECRET_KEY": config.secret_key.get_secret_value(),
        "SQLALCHEMY_DATABASE_URI": config.database_url or "postgresql+psycopg://",
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": config.web_threads,
            "max_overflow": 4,
            "pool_pre_ping": False,
            "pool_recycle": 1800,
            "pool_use_lifo": True,
            "connect_args": {"connect_timeout": 5, "options": "-c timezone=UTC -c statement_timeout=120000"},
        },
        "MAX_CONTENT_LENGTH": MAX_BODY,
        "SESSION_COOKIE_NAME": "linghuo",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.cookie_secure,
        "PERMANENT_SESSION_LIFETIME": 12 * 3600,
        "SESSION_REFRESH_EACH_REQUEST": False,
        "TESTING": config.mode == "test",
        "PROPAGATE_EXCEPTIONS": False,
        "OPENAPI_VERSION": "3.1.0",
        "SPEC_FORMAT": "json",
        "LOCAL_SPEC_JSON_INDENT": 2,
    }


def _connect_events(app: requests.Application, features: Sequence[Feature]) -> None:
    listeners: dict[type[Event], list[str]] = {}
    for feature in features:
        for listener in feature.listeners:
            listeners.setdefault(listener.event, []).append(listener.target)
    app.extensions["linghuo.listeners"] = listeners
    app.extensions["linghuo.events"] = {event_name(kind): kind for kind in listeners}


def _when(item: Scheduled) -> object:
    return item.seconds if item.hour is None else crontab(minute="0", hour=str(item.hour))


def _schedule(features: Sequence[Feature]) -> dict[str, dict[str, object]]:
    """Beat's entries; a task that nobody ran by the time it is due again isn't run twice."""
    return {
        item.task: {"task": item.task, "schedule": _when(item), "options": {"expires": item.seconds}}
        for feature in features
        for item in feature.schedule
    }


def _install_refusals(app: requests.Application) -> None:
    @app.error_processor
    def validation(error: HTTPError) -> tuple[dict[str, Any], int, dict[str, str]]:
        return refusals.render_validation(error)

    # After the processor, which would claim every HTTP error for JSON.
    app.register_error_handler(Refused, refusals.render_refusal)
    app.register_error_handler(HTTPException, refusals.render_http)
    app.register_error_handler(Exception, refusals.render_failure)
