"""The Celery entry: `celery -A backend.worker worker -Q default`."""

from backend.core.tasks import celery as app
from wsgi import create_app

create_app()
__all__ = ["app"]
