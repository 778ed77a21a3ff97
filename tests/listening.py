"""A server program of the test's own, on a free port of the loopback, for as long as the test needs it."""

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.programs import ROOT

PATIENCE_SECONDS = 30


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def command_of_the_image(port: int) -> list[str]:
    """What the Dockerfile starts, on this port."""
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
    command: list[str] = json.loads(re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)[1])
    command[command.index("--bind") + 1] = f"127.0.0.1:{port}"
    return command


@contextmanager
def listening(command: Sequence[str], port: int, *, log: Path, env: Mapping[str, str]) -> Iterator[None]:
    """Python's module with its options, once it says that it lives. What it writes is added to the log."""
    with log.open("ab") as written:
        program = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=env, stdout=written, stderr=written
        )
    try:
        _wait_for(port, program, log)
        yield
    finally:
        program.send_signal(signal.SIGTERM)
        program.wait(timeout=PATIENCE_SECONDS)


def _wait_for(port: int, program: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        assert program.poll() is None, log.read_text()
        assert time.monotonic() < end, log.read_text()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.NO_CONTENT:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
