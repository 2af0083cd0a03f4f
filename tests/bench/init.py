"""R81: init of receive beside a function that imports botocore and makes one SQS client, both under AWS's own Lambda
Runtime Interface Emulator with the layer as it is built for this machine.

A cold start is a new emulator, a new interpreter, AWS's runtime client (awslambdaric), then the function's module; as
on AWS nothing is written to the layer, so what does not come compiled is compiled at each start. CPU is the whole
process's until its module is loaded, told by the function itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from urllib.error import URLError
from urllib.request import urlopen

from infra.local.stack import LOCAL, ROOT, _target, tools

from .figures import Figure, spread
from .stub import QUEUE, a_stub, environment

RUNTIME_CLIENT = ROOT / "requirements/runtime-client.txt"
FOLDER = LOCAL / "bench"
ROUNDS = 12
PROBE = """
import json, resource, sys, time
begun = time.process_time()
{init}
ready = time.process_time()
told = {{"begun": begun * 1000, "ready": ready * 1000, "modules": len(sys.modules)}}
told["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def handler(event, context):
    return told
"""
FUNCTIONS = {
    "empty": "",
    "bare": "import botocore.session\nclient = botocore.session.get_session().create_client('sqs')",
    "receive": "import app",
}
"""``empty`` shows what is the runtime's own."""


def prepare() -> tuple[Path, Path]:
    """The emulator's binary, and a folder like a function's: ``layer/python``, ``ric``, ``<function>/probe.py``."""
    tools(print)
    machine = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    (binary,) = (LOCAL / "venv-sam").glob(f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    _build_layer()
    installed = FOLDER / "ric" / f"ready-{hashlib.sha256(RUNTIME_CLIENT.read_bytes()).hexdigest()[:12]}"
    if not installed.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"]
        locked = ["--no-deps", "--require-hashes", "--only-binary=:all:", "--requirement", str(RUNTIME_CLIENT)]
        subprocess.run([*pip, "--target", str(FOLDER / "ric"), *locked], check=True, stderr=subprocess.DEVNULL)
        installed.touch()
    for name, init in FUNCTIONS.items():
        (FOLDER / name).mkdir(exist_ok=True)
        (FOLDER / name / "probe.py").write_text(PROBE.format(init=init))
    (FOLDER / "receive/app.py").write_text((ROOT / "functions/receive/app.py").read_text())
    return binary, FOLDER


def _build_layer() -> None:
    """The layer as `sam build` makes it, for the host's Python."""
    python, processor = _target()
    layer = FOLDER / "layer"
    subprocess.run(["rm", "-rf", str(layer)], check=True)
    subprocess.run(
        [
            *("make", "--silent", "-C", str(ROOT / "layers/firstline"), "build-FirstlineLayer"),
            *(f"ARTIFACTS_DIR={layer}", f"LAYER_PYTHON={python}", f"LAYER_ARCHITECTURE={processor}"),
            f"PIP={sys.executable} -m pip",
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )


def cold_start(name: str, binary: Path, endpoint: str) -> dict[str, float]:
    """Start a function once: CPU in ms when its module begins (``begun``) and is loaded (``ready``)."""
    port, api = _free(), _free()
    command = [str(binary), "--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    command += ["--runtime-api-address", f"127.0.0.1:{api}", sys.executable, "-m", "awslambdaric", "probe.handler"]
    told = environment(
        endpoint,
        PYTHONPATH=f"{FOLDER / 'layer/python'}:{FOLDER / 'ric'}",
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONNOUSERSITE="1",
        AWS_LAMBDA_FUNCTION_NAME=name,
        AWS_LAMBDA_LOG_FORMAT="JSON",
        INTAKE_QUEUE_URL=QUEUE + "intake",
        CHANNEL_SECRETS_ARN="arn:x",
        BODIES_BUCKET="b",
    )
    quiet = subprocess.DEVNULL
    started = subprocess.Popen(
        command, cwd=FOLDER / name, env=dict(told), stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        answer: dict[str, float] = json.loads(_invoke(port))
        return answer
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()


def _invoke(port: int) -> bytes:
    url = f"http://127.0.0.1:{port}/2015-03-31/functions/function/invocations"
    end = time.monotonic() + 30
    while True:
        try:
            with urlopen(url, data=b"{}", timeout=30) as answer:
                body: bytes = answer.read()
                return body
        except URLError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)  # waiting for a process of ours to listen


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def figures() -> list[Figure]:
    """Cold starts of the three in turn."""
    binary, _ = prepare()
    starts: dict[str, list[dict[str, float]]] = {name: [] for name in FUNCTIONS}
    with a_stub() as endpoint:
        for round_number in range(ROUNDS + 1):
            for name in FUNCTIONS:
                start = cold_start(name, binary, endpoint)
                if round_number:
                    starts[name].append(start)
    cpu = {name: [start["ready"] for start in each] for name, each in starts.items()}
    ratios = [ours / bare for ours, bare in zip(cpu["receive"], cpu["bare"], strict=True)]
    shown = [
        Figure("init", f"CPU of a cold start: {name}", median(cpu[name]), "ms", spread=spread(cpu[name]), note=note)
        for name, note in (
            ("empty", "the runtime's own share"),
            ("bare", "botocore and an SQS client"),
            ("receive", ""),
        )
    ]
    ratio = Figure("init", "receive / bare", median(ratios), "x", goal=1.25, spread=spread(ratios))
    module = [
        (ours["ready"] - ours["begun"]) / (bare["ready"] - bare["begun"])
        for ours, bare in zip(starts["receive"], starts["bare"], strict=True)
    ]
    own = Figure("init", "the same without the runtime's share", median(module), "x", spread=spread(module))
    memory = [
        Figure("init", f"memory after init: {name}", median(start["memory"] for start in starts[name]), "MB")
        for name in ("bare", "receive")
    ]
    return [*shown, ratio, own, *memory]
