"""A program that sends a long load of reports, in a process of its own: made while it is sent."""

import http.client
import sys
from collections.abc import Iterator

LINES = 1_000_000
LINE = (
    b'{"account":"%08d","panel":"panel-c","stage":"orders","state":"running","done":1200,"total":4000,'
    b'"sequence":17,"at":"2021-03-22T13:58:00+01:00"}\n'
)
AT_A_TIME = 500


def lines() -> Iterator[bytes]:
    for start in range(0, LINES, AT_A_TIME):
        yield b"".join(LINE % number for number in range(start, start + AT_A_TIME))


def main(port: int, token: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/x-ndjson",
        "Content-Length": str(len(LINE % 0) * LINES),
    }
    connection.request("POST", "/api/v1/recovery/reports", lines(), headers)
    answer = connection.getresponse()
    print(answer.status, answer.read().decode())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
