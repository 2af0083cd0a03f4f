"""AWS's own DynamoDB Local, a stricter judge of the table than moto: fetched once into `.local/`, started when asked.

It needs Java 17 and, once, npm and the network. It keeps everything in memory and says nothing to anybody (its
telemetry is off); it has no switch for the interface it listens on.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local.stack import LOCAL, REGION

PACKAGE = "amplify-dynamodb-simulator@2.9.30"
"""An npm package that carries the jar (1.25.1); only its file is fetched, none of its dependencies."""
FOLDER = LOCAL / "dynamodb-local"
PATIENCE = 60
"""Seconds that the server may take to answer first."""


class Missing(Exception):
    """It cannot run here; the text says what is missing."""


def prepared() -> Path:
    """The folder with the jar, fetched when it is not there. Raises `Missing`."""
    if shutil.which("java") is None:
        raise Missing("DynamoDB Local needs Java 17: apt-get install openjdk-17-jre-headless")
    emulator = FOLDER / "package/emulator"
    if not (emulator / "DynamoDBLocal.jar").exists():
        if shutil.which("npm") is None:
            raise Missing("DynamoDB Local is fetched by npm: apt-get install npm")
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER) as place:  # tests in other processes may fetch it, too
            packed = subprocess.run(
                ["npm", "pack", "--silent", PACKAGE], cwd=place, capture_output=True, text=True, check=False
            )
            if packed.returncode:
                raise Missing(f"npm could not fetch {PACKAGE}: {packed.stderr.strip()[-200:]}")
            with tarfile.open(Path(place) / packed.stdout.split()[-1]) as packed_files:
                packed_files.extractall(place, filter="data")
            try:
                (Path(place) / "package").rename(FOLDER / "package")
            except OSError:
                if not (emulator / "DynamoDBLocal.jar").exists():
                    raise
    return emulator


@contextmanager
def a_dynamodb_local(heap: str = "512m") -> Iterator[str]:
    """A DynamoDB that lives as long as the block; gives its endpoint. Raises `Missing`."""
    emulator = prepared()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (FOLDER / "server.log").open("w")
    server = subprocess.Popen(
        [
            *("java", f"-Xmx{heap}", "-Djava.library.path=DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"),
            *("-inMemory", "-sharedDb", "-disableTelemetry", "-port", str(port)),
        ],
        cwd=emulator,
        stdout=log,
        stderr=log,
    )
    try:
        _await(server, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
        log.close()


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)  # waiting for a process of ours to listen
    raise Missing(f"DynamoDB Local did not start (Java 17?): {(FOLDER / 'server.log').read_text()[-300:]}")


@cache
def _session() -> Any:
    """One for all clients: it reads the service's description once."""
    return boto3.session.Session(region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test")


def client(endpoint: str | None = None, **config: Any) -> Any:
    """A DynamoDB client without retries; without an endpoint for moto."""
    quiet: dict[str, Any] = {"retries": {"total_max_attempts": 1}, "read_timeout": 30, **config}
    return _session().client("dynamodb", endpoint_url=endpoint, config=Config(**quiet))
