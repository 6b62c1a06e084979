"""What the demo keeps beside its database: the ports of the fake panels, their heartbeat keys, which are broken."""

import json
import os
import socket
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Prop:
    """One fake panel: where its web server and its API listen, and the key of its heartbeat."""

    web_port: int
    api_port: int
    beat: str = field(repr=False)

    @property
    def login(self) -> str:
        return f"http://{HOST}:{self.web_port}/login"

    @property
    def api(self) -> str:
        return f"{HOST}:{self.api_port}"


class Props:
    """The files of the demo in its instance folder."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "demo.json"
        self.broken_file = folder / "demo-broken.json"

    def panels(self) -> dict[str, Prop]:
        """The fake panels by slug; none before the first start."""
        try:
            return {slug: Prop(**row) for slug, row in json.loads(self.file.read_text()).items()}
        except FileNotFoundError:
            return {}

    def keep(self, panels: dict[str, Prop]) -> None:
        write(self.file, {slug: asdict(one) for slug, one in panels.items()})

    def broken(self) -> frozenset[str]:
        try:
            return frozenset(json.loads(self.broken_file.read_text()))
        except FileNotFoundError:
            return frozenset()

    def set_broken(self, panels: Iterable[str]) -> None:
        write(self.broken_file, sorted(panels))


def write(path: Path, content: object) -> None:
    """All or nothing, and for nobody else's eyes: it holds keys."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    with open(fresh, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:  # Path.open takes no opener
        json.dump(content, file)
    fresh.replace(path)


def ports(wanted: Iterable[int]) -> list[int]:
    """The wanted ports where they are free, else others (0 asks for any)."""
    with ExitStack() as held:
        # All are held until all are found, so that no two are the same.
        return [bound(held, one) for one in wanted]


def bound(held: ExitStack, wanted: int) -> int:
    one = held.enter_context(socket.socket())
    one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        one.bind((HOST, wanted))
    except OSError:
        one.bind((HOST, 0))
    port: int = one.getsockname()[1]
    return port
