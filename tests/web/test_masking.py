"""Keys that are part of an address stay out of the log."""

import pytest

from statuspage.web.problems import masked


@pytest.mark.parametrize(
    ("path", "logged"),
    [
        ("/recovery/a/secret/", "/recovery/a/…/"),
        ("/en/recovery/a/secret/", "/en/recovery/a/…/"),
        ("/api/v1/heartbeats/secret", "/api/v1/heartbeats/…"),
        ("/staff/sign-in/secret", "/staff/sign-in/…"),
        ("/recovery/my/", "/recovery/my/"),
        ("/panels/panel-a/", "/panels/panel-a/"),
    ],
)
def test_no_key_of_an_address_reaches_the_log(path: str, logged: str) -> None:
    assert masked(path) == logged
