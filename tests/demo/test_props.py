"""The demo's files beside its database."""

import socket
from pathlib import Path

from statuspage.demo.props import HOST, Prop, Props, ports


def test_before_the_first_start_there_is_nothing(tmp_path: Path) -> None:
    assert Props(tmp_path).panels() == {}
    assert Props(tmp_path).broken() == frozenset()


def test_what_was_kept_is_found_again_and_is_nobody_elses_to_read(tmp_path: Path) -> None:
    props = Props(tmp_path)
    props.keep({"panel-a": Prop(1001, 1002, "key")})
    assert props.panels() == {"panel-a": Prop(1001, 1002, "key")}
    assert props.file.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["demo.json"]


def test_a_key_is_not_shown_in_a_trace() -> None:
    assert "secret" not in repr(Prop(1, 2, "secret"))


def test_a_port_that_is_taken_is_replaced_and_no_two_are_the_same() -> None:
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        mine = taken.getsockname()[1]
        found = ports([mine, 0, 0])
    assert mine not in found
    assert len(set(found)) == 3


def test_a_port_that_is_free_is_taken_again() -> None:
    free = ports([0])
    assert ports(free) == free
