"""docker-compose.yml as a project of its own: image, secrets, ports and volume that end with the test."""

import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.programs import ROOT

NAME = "casereg.localhost"
PATIENCE_SECONDS = 120


def why_not() -> str:
    """Why the compose file cannot be brought up here; empty where it can."""
    if os.environ.get("CASEREG_COMPOSE_TEST") != "1":
        return "the compose file is brought up where CASEREG_COMPOSE_TEST=1 asks for it"
    if shutil.which("docker") is None or _run("docker", "info").returncode:
        return "no docker engine answers"
    if not _compose_program():
        return "neither `docker compose` nor docker-compose was found"
    return ""


def _run(*command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    # Not the whole environment: a variable of ours would win over the project's .env.
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST") if name in os.environ}
    return subprocess.run(
        [str(part) for part in command],
        cwd=ROOT,
        env=kept | variables,
        capture_output=True,
        text=True,
        check=False,
    )


def _compose_program() -> list[str]:
    if not _run("docker", "compose", "version").returncode:
        return ["docker", "compose"]
    return ["docker-compose"] if shutil.which("docker-compose") else []


@dataclass(frozen=True)
class Stack:
    project: str
    folder: Path
    site_port: int
    trial_port: int

    @property
    def image(self) -> str:
        return f"{self.project}-image"

    @property
    def secrets(self) -> Path:
        return self.folder / "secrets"

    def docker(self, *arguments: str) -> str:
        return _output(_run("docker", *arguments))

    def refusal(self, *arguments: str) -> str:
        """What the image says on standard error when it refuses to start with these `docker run` options."""
        ended = _run("docker", "run", "--rm", *arguments, self.image)
        assert ended.returncode != 0
        return ended.stderr

    def try_compose(self, *arguments: str, env_file: Path | None = None) -> subprocess.CompletedProcess[str]:
        return _run(
            *_compose_program(), "--project-name", self.project, "--profile", "trial",
            "--env-file", env_file or self.folder / ".env", *arguments,
        )  # fmt: skip

    def compose(self, *arguments: str) -> str:
        return _output(self.try_compose(*arguments))

    def inside(self, *command: str, service: str = "site") -> str:
        return self.compose("exec", "-T", service, *command)

    def state(self, service: str, template: str) -> str:
        labels = {"project": self.project, "service": service}
        filters = [f"--filter=label=com.docker.compose.{name}={value}" for name, value in labels.items()]
        container = self.docker("ps", "--all", "--quiet", *filters).strip()
        return self.docker("inspect", "--format", template, container).strip()

    def make_secrets(self) -> str:
        return _output(_run(ROOT / "docker/secrets.sh", self.secrets))

    def up(self) -> None:
        self.compose("up", "--detach", "--no-build")
        wait_until(lambda: self.state("site", "{{.State.Health.Status}}") == "healthy")


def _output(ended: subprocess.CompletedProcess[str]) -> str:
    assert ended.returncode == 0, f"{ended.args}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout


def wait_until(holds) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end, f"not within {PATIENCE_SECONDS} seconds"
        time.sleep(0.5)


@contextmanager
def built_stack(folder: Path) -> Iterator[Stack]:
    """The image built and the secrets made, nothing started. CASEREG_BUILD_OPTIONS go to `docker build`."""
    stack = Stack(f"casereg-test-{os.getpid()}", folder, _free_port(), _free_port())
    options = shlex.split(os.environ.get("CASEREG_BUILD_OPTIONS", ""))
    stack.docker("build", *options, "--tag", stack.image, ".")
    stack.make_secrets()
    settings = {
        "CASEREG_IMAGE": stack.image,
        "SECRETS_FOLDER": stack.secrets,
        "SITE_PORT": stack.site_port,
        "TRIAL_PORT": stack.trial_port,
        "ALLOWED_HOSTS": NAME,
        "BEHIND_TLS_PROXY": 1,
        "SECOND_FACTOR_REQUIRED": 0,
    }
    (folder / ".env").write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
    try:
        yield stack
    finally:
        stack.try_compose("down", "--volumes", "--timeout", "5")
        _run("docker", "image", "rm", stack.image)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
