"""The operator's page: nothing of the account in it, nothing inline, nothing from elsewhere, nothing made of markup."""

import re

import pytest
from tests.support.http_client import an_api, guarded

from petrosa_adapters.http.console import ASSETS
from petrosa_core.values import Mode

SCRIPTS = [name for name in ASSETS if name.endswith(".js")]


def test_the_page_is_open_and_empty():
    """given no token, when the page is asked for, then it comes, and names neither the account nor an amount."""
    answer = an_api(guarded(mode=Mode.LIVE)).get("/")

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert 'data-mode="live"' in answer.text
    assert 'data-token-needed="true"' in answer.text
    assert "default" not in answer.text


def test_nothing_is_inline_and_nothing_comes_from_elsewhere():
    """given the content security policy, when the page is read, then it has nothing that the policy would block."""
    page = an_api().get("/").text

    assert "<script>" not in page
    assert "style=" not in page
    assert "<style" not in page
    assert not re.search(r"\son\w+=", page)
    assert "://" not in page


def test_everything_that_the_page_asks_for_is_served():
    """given the page, when its links are followed, then each leads to a file of ours."""
    api = an_api()
    links = re.findall(r'(?:href|src)="(/static/[^"]+)"', api.get("/").text)

    assert len(links) == 3
    assert {api.get(link).status_code for link in links} == {200}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("console.js", "text/javascript"),
        ("stream.js", "text/javascript"),
        ("console.css", "text/css"),
        ("mark.svg", "image"),
    ],
)
def test_an_asset_has_its_type(name: str, kind: str):
    """given nosniff, when an asset is asked for, then its type is said, and it is asked for again next time."""
    answer = an_api(guarded()).get(f"/static/{name}")

    assert answer.headers["content-type"].startswith(kind)
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_make_no_markup_and_keep_no_token(name: str):
    """given that a strategy may be called anything, when the scripts are read, then they only ever make text nodes."""
    script = ASSETS[name].decode()

    for forbidden in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "localStorage",
        "sessionStorage",
        "cookie =",
    ):
        assert forbidden not in script
