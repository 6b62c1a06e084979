"""Codes by time against the vectors of the RFC, and recovery codes however they are typed."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from statuspage.factors.rules import (
    app_address,
    app_secret,
    code,
    in_fours,
    keep_recovery_code,
    new_recovery_codes,
    step,
    step_of,
)

RFC_KEY = b"12345678901234567890"
NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, expected: str) -> None:
    at = step(datetime.fromtimestamp(seconds, UTC))
    assert code(RFC_KEY, at, digits=8) == expected
    assert code(RFC_KEY, at) == expected[2:]


def test_the_code_before_and_the_code_after_fit_as_well_and_no_other() -> None:
    fitting = [off for off in range(-5, 6) if step_of(RFC_KEY, code(RFC_KEY, step(NOON) + off), NOON) is not None]
    assert fitting == [-1, 0, 1]
    half = code(RFC_KEY, step(NOON))
    assert step_of(RFC_KEY, f" {half[:3]} {half[3:]} ", NOON) == step(NOON)
    for odd in ("", "1", half + "0", "é" * 6, "\ud800", "٣" * 6):
        assert step_of(RFC_KEY, odd, NOON) is None
    assert step_of(RFC_KEY, half, NOON + timedelta(minutes=2)) is None


def test_the_secret_of_an_app_needs_the_key_the_person_and_the_salt() -> None:
    mine = app_secret("k" * 32, 1, b"s" * 16)
    assert len(mine) == 20
    others = [
        app_secret("q" * 32, 1, b"s" * 16),
        app_secret("k" * 32, 2, b"s" * 16),
        app_secret("k" * 32, 1, b"t" * 16),
    ]
    assert mine not in others


def test_an_app_reads_the_same_key_from_the_address_as_a_person_types() -> None:
    address = app_address(RFC_KEY, "anna+desk@example.com", "Acme & Söhne")
    parts = urlsplit(address)
    asked = parse_qs(parts.query)
    assert (parts.scheme, parts.netloc, parts.path) == (
        "otpauth",
        "totp",
        "/Acme%20%26%20S%C3%B6hne:anna%2Bdesk%40example.com",
    )
    assert asked == {"secret": [in_fours(RFC_KEY).replace(" ", "")], "issuer": ["Acme & Söhne"]}
    assert in_fours(RFC_KEY) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_recovery_codes_differ_and_are_the_same_however_they_are_typed() -> None:
    codes = new_recovery_codes()
    assert len(set(codes)) == 10
    kept = {keep_recovery_code("k" * 32, 1, one) for one in codes}
    assert len(kept) == 10
    for typed in (codes[0].upper(), codes[0].replace("-", ""), f"  {codes[0].replace('-', ' ')} "):
        assert keep_recovery_code("k" * 32, 1, typed) in kept
    assert keep_recovery_code("k" * 32, 2, codes[0]) not in kept
    assert not any(one.encode() in b"".join(kept) for one in codes)
