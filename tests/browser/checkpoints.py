"""An officer's phone, signed in at a place."""

from playwright.sync_api import Page, expect

from backend.accounts.acting import Acting
from backend.accounts.queries import get_operator
from tests.factories.accounts import PASSWORD
from tests.story.stage import Stage


def officers_phone(officer: Acting, server: str, stage: Stage, place: str) -> Page:
    """With the checkpoint page open and this place chosen; its camera sees what the stage points it at."""
    page = stage.phone(permissions=["camera"])
    sign_in_officer(page, officer, server)
    page.locator("#place").select_option(label=place)
    return page


def sign_in_officer(page: Page, officer: Acting, server: str) -> None:
    """By name and password, as the checkpoint page asks for."""
    operator = get_operator(officer.operator_id)
    assert operator is not None
    page.goto(f"{server}/checkpoint/")
    page.wait_for_url("**/console/sign-in**")
    page.locator("[name=username]").fill(operator.username)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(f"{server}/checkpoint/")
    expect(page.locator("#keys")).to_have_text("密钥 刚更新")


def type_in(page: Page, text: str) -> None:
    """A hand scanner: it types fast, then a line end, without asking where."""
    page.locator("#typed").fill(text)
    page.locator("#typed").press("Enter")
    page.wait_for_selector("#verdict:not([hidden])")
