"""A refused form is shown again: with what was typed, and the sentence that says what to mend."""

from collections.abc import Callable
from functools import wraps
from math import isfinite, nan
from typing import Any

from flask import Response, g, make_response, request
from flask.typing import ResponseReturnValue

from backend.core.errors import Invalid, NotFound, Refused
from backend.core.refusals import render_refusal

View = Callable[..., ResponseReturnValue]


def shows_again(show: Callable[..., str]) -> Callable[[View], View]:
    """When the view refuses, answer with `show(refused=…, **view arguments)`.

    That happens after the transaction was rolled back, so that nothing of the refused attempt is kept.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def run(**arguments: Any) -> ResponseReturnValue:  # noqa: ANN401 - the route's own arguments
            g.show_again = lambda refused: show(refused=refused, **arguments)
            return view(**arguments)

        return run

    return decorate


def show_refusal(refused: Refused) -> Response:
    """The form again, or the page of refusals where there is no form, or nothing to show it for."""
    show = g.pop("show_again", None)
    if show is None or isinstance(refused, NotFound):
        return render_refusal(refused)
    try:
        page = show(refused)
    except Refused as unshown:  # who may not do it may not see the form either
        return render_refusal(unshown)
    response = make_response(page)
    response.status_code = refused.status
    if refused.retry_after:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def typed(name: str) -> str:
    """What was typed into a field, without spaces around it."""
    return request.form.get(name, "").strip()


def read_number(name: str, label: str) -> float:
    """A number that was typed, never an infinite one. Refuses: Invalid for anything else."""
    try:
        number = float(typed(name))
    except ValueError:
        number = nan
    if not isfinite(number):
        raise Invalid("consoles.number", f"{label}请填数字。", fields={name: "请填数字。"})
    return number
