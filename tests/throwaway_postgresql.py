"""A throw-away PostgreSQL cluster made from the installed server programs, reached on the loopback only."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# Tests need the real thing, not its durability: a throw-away cluster may lose everything.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "256MB",
}


def server_programs() -> Path | None:
    """The folder of initdb and pg_ctl: the newest that Debian installed, or the one on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


@contextmanager
def throwaway_cluster(programs: Path) -> Iterator[str]:
    """Start a cluster, give its DATABASE_URL, and remove it. Root runs it as an ordinary user."""
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="casereg-pg-"))
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)

    def run(*command: str | Path) -> None:
        subprocess.run(
            list(command),
            check=True,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )

    cluster = folder / "data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {**SETTINGS, "port": port}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    try:
        run(programs / "initdb", "-D", cluster, "-U", "casereg", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "--no-sync")  # fmt: skip
        run(programs / "pg_ctl", "-D", cluster, "-w", "-l", folder / "log",
            "-o", f"{options} -k {folder}", "start")  # fmt: skip
        try:
            yield f"postgres://casereg@127.0.0.1:{port}/postgres"
        finally:
            run(programs / "pg_ctl", "-D", cluster, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
