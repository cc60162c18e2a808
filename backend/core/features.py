"""What a context brings to the application, said in one value in its `feature.py`."""

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from backend.core.events import Event


@dataclass(frozen=True, slots=True)
class Listener:
    event: type[Event]
    target: str
    """"package.module:function", called with the event in a transaction of its own."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    seconds: float
    task: str


@dataclass(frozen=True, slots=True)
class Feature:
    """A context's listeners, schedule, tasks, commands and blueprints; heavy things by "module:name"."""

    name: str
    listeners: tuple[Listener, ...] = ()
    schedule: tuple[Scheduled, ...] = ()
    tasks: tuple[str, ...] = ()
    """Modules that define Celery tasks."""
    commands: str = ""
    blueprints: tuple[str, ...] = ()


def on(event: type[Event], target: str) -> Listener:
    """Call `target` for each such event."""
    return Listener(event, target)


def every(seconds: float, task: str) -> Scheduled:
    """Run a task by name at this interval."""
    return Scheduled(seconds, task)


def load(name: str) -> Any:  # noqa: ANN401 - what a name stands for is known to who asks
    """The object named "module:attribute"."""
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
