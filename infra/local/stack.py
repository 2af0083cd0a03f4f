"""The local stack: the embedded AWS, the real template deployed to it, the simulated platforms; no Docker, no account.

Everything lies in ``.local/`` and listens on loopback. ``.local/stack.json`` tells any client all it needs.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import platform as machine
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import boto3

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
STACK = "firstline"
REGION = "eu-central-1"
TOOLS = ROOT / "requirements/local-stack.txt"
"""The embedded AWS and SAM, locked, in an environment of their own: they pin botocore to another version than ours."""
SAM = LOCAL / "venv-sam/bin/sam"
ARTEFACTS = "firstline-artefacts"
SENDER = "care@lumora.example"
PARAMETERS = ROOT / "infra/local/parameters.json"
LEAD = "lead@lumora.example"
LEADS_REGIONS = ("gb", "de")
ACCOUNTS: dict[str, list[dict[str, str]]] = {
    "x": [
        {"id": "1450000000000000001", "name": "Lumora", "handle": "LumoraHome"},
        {"id": "1450000000000000002", "name": "Lumora Care", "handle": "LumoraCare"},
    ],
    "facebook": [{"id": "200000000000001", "name": "Lumora"}],
    "messenger": [{"id": "200000000000001", "name": "Lumora"}],
    "whatsapp": [{"id": "300000000000001", "name": "Lumora", "handle": "+49 30 1234567"}],
    "instagram": [{"id": "17841400000000001", "name": "Lumora", "handle": "lumora.home"}],
    "generic": [
        {"id": "reviews", "name": "Lumora"},
        {"id": "contact-centre", "name": "Lumora Care"},
        {"id": "mastodon", "name": "Lumora", "handle": "lumora"},
        {"id": "generic", "name": "Lumora"},
    ],
}
SOURCES = tuple(each["id"] for each in ACCOUNTS["generic"] if each["id"] != "generic")
"""Generic sources beside the default one: each has a webhook, secrets and a callback of its own."""
META_APP, WABA = "28000001", "102290129340398"
"""Ids of the simulated app at Meta and of its WhatsApp business account."""
Say = Callable[[str], None]


class Failed(Exception):
    """The stack could not be started; the text says why and where to look."""


def up(say: Say) -> dict[str, Any]:
    """Start what does not run yet; returns (and writes) what stack.json holds."""
    running = status()
    if running is not None:
        if not _changed():
            say("the local stack runs already")
            return running
        return _redeploy(running, say)
    down(say)
    LOCAL.mkdir(exist_ok=True)
    tools(say)
    aws_port, simulator_port = _port("FIRSTLINE_AWS_PORT"), _port("FIRSTLINE_SIMULATOR_PORT")
    endpoint, simulator = f"http://127.0.0.1:{aws_port}", f"http://127.0.0.1:{simulator_port}"
    _start_aws(aws_port, simulator, say)
    _environment(endpoint)
    keys = _channel_secrets(simulator)
    outputs = _deploy(endpoint, simulator, say)
    session = _session()
    _store_secrets(keys, outputs, session)
    session.client("sesv2").create_email_identity(EmailIdentity=SENDER)
    _publish(outputs, session, say)
    sign_in = _people(outputs, session)
    http = http_base(endpoint)
    _start_simulators(simulator_port, http, endpoint, keys, outputs, say)
    told = {
        "aws_endpoint": endpoint,
        "region": REGION,
        "outputs": outputs,
        "http": http,
        "simulator": simulator,
        "signing": {
            **{channel: part["signing"] for channel, part in keys.items()},
            **{source: part["signing"] for source, part in keys["generic"]["sources"].items()},
        },
        "accounts": {
            **{channel: accounts[-1]["id"] for channel, accounts in ACCOUNTS.items()},
            **{source: source for source in SOURCES},
        },
        "sign_in": sign_in,
        "pages": {"desk": outputs["DeskUrl"], "timeline": f"{simulator}/timeline", "mailbox": f"{simulator}/mailbox"},
    }
    (LOCAL / "stack.json").write_text(json.dumps(told, indent=2))
    return told


def _redeploy(running: dict[str, Any], say: Say) -> dict[str, Any]:
    """The running stack with the sources as they are now; cases, secrets and ports stay."""
    say("the local stack runs; its sources changed")
    outputs = _deploy(running["aws_endpoint"], running["simulator"], say)
    _publish(outputs, _session(), say)
    told = {**running, "outputs": outputs, "pages": {**running["pages"], "desk": outputs["DeskUrl"]}}
    (LOCAL / "stack.json").write_text(json.dumps(told, indent=2))
    return told


def down(say: Say) -> None:
    """Stop everything that was started, and wait until it has ended."""
    for name in ("simulators", "ministack"):
        file = LOCAL / f"{name}.pid"
        if not file.exists():
            continue
        try:
            _end(int(file.read_text()))
            say(f"stopped {name}")
        except (ProcessLookupError, PermissionError, ValueError):
            pass  # it ended by itself
        file.unlink()
    (LOCAL / "stack.json").unlink(missing_ok=True)


def _end(group: int, seconds: float = 10) -> None:
    """Ask a process group to end, make it after ``seconds``. Raises ProcessLookupError when there is none."""
    os.killpg(group, signal.SIGTERM)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(group, os.WNOHANG)  # else a child of ours would stay as a zombie
            os.killpg(group, 0)
            time.sleep(0.1)  # waiting for the processes to end
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def status() -> dict[str, Any] | None:
    """What stack.json says, if all of it answers; else None."""
    try:
        told: dict[str, Any] = json.loads((LOCAL / "stack.json").read_text())
        with (
            urlopen(f"{told['simulator']}/health", timeout=2),
            urlopen(f"{told['aws_endpoint']}/_ministack/health", timeout=2),
        ):
            _environment(told["aws_endpoint"])
            return told
    except (OSError, ValueError, KeyError):
        return None


def _environment(endpoint: str) -> None:
    os.environ |= {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):  # a person's own account is none of this stack's business
        os.environ.pop(name, None)


def _session() -> boto3.session.Session:
    """A session of its own: the default one keeps the credentials that it saw first, which may be somebody else's."""
    return boto3.session.Session(region_name=REGION)


def _port(variable: str) -> int:
    if os.environ.get(variable):
        return int(os.environ[variable])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def tools(say: Say) -> None:
    """The embedded AWS and SAM in `.local/venv-sam`, made when it is not there or the lock is another."""
    ready = LOCAL / "venv-sam" / ("ready-" + hashlib.sha256(TOOLS.read_bytes()).hexdigest()[:12])
    if ready.exists():
        return
    say("preparing the embedded AWS and SAM (once, about a minute)")
    shutil.rmtree(LOCAL / "venv-sam", ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(LOCAL / "venv-sam")], "venv-sam")
    pip = [str(LOCAL / "venv-sam/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--no-deps", "--require-hashes", "--only-binary=:all:", "--requirement", str(TOOLS)], "venv-sam")
    ready.touch()


def _run(command: list[str], log: str, **environment: str) -> None:
    """Run to the end, output to a log; Failed with the log's last lines otherwise."""
    file = LOCAL / f"{log}.log"
    with file.open("w") as out:
        ended = subprocess.run(
            command, stdout=out, stderr=out, cwd=ROOT, env={**os.environ, **environment}, check=False
        )
    if ended.returncode:
        raise Failed(
            f"{' '.join(command[:3])} failed; {file} ends with:\n" + "\n".join(file.read_text().splitlines()[-15:])
        )


def _start(command: list[str], name: str, environment: Mapping[str, str]) -> None:
    with (LOCAL / f"{name}.log").open("w") as out:
        process = subprocess.Popen(
            command, stdout=out, stderr=out, cwd=ROOT, env=dict(environment), start_new_session=True
        )
    (LOCAL / f"{name}.pid").write_text(str(process.pid))


def _answers(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            with urlopen(url, timeout=2):
                return
        except (URLError, OSError):
            time.sleep(0.2)  # waiting for a process of ours to listen
    raise Failed(f"{url} does not answer; see the logs in {LOCAL}")


def http_base(endpoint: str, stack: str = STACK) -> str:
    """The HTTP API's base as any resolver finds it; the API's own name below ``localhost`` not every one does.

    The API's id is the stack's name, by a tag that the embedded AWS knows: so the links' base is known beforehand.
    """
    return f"{endpoint}/_aws/execute-api/{stack}"


def _start_aws(port: int, simulator: str, say: Say) -> None:
    say("starting the embedded AWS, IAM enforced")
    bin_folder = LOCAL / "venv-sam/bin"
    home = LOCAL / "aws"
    _discard(home)
    home.mkdir()
    # Functions inherit this environment: nothing of the person's shell (proxies, profiles, PYTHONPATH) goes in.
    environment = {
        "PATH": f"{bin_folder}:{os.environ['PATH']}",
        "HOME": str(home),
        "TMPDIR": str(home),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "localhost",
        "MINISTACK_REGION": REGION,
        "AUTH": "true",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # Functions' mails pass through the mailbox: the embedded SES keeps neither headers nor tags, nor tells events.
        "AWS_ENDPOINT_URL_SESV2": simulator,
    }
    _start(
        [str(bin_folder / "python"), "-P", str(Path(__file__).with_name("embedded_aws.py"))], "ministack", environment
    )
    _answers(f"http://127.0.0.1:{port}/_ministack/health")


def _discard(home: Path) -> None:
    """Puts the unpacked functions of the last start out of the way. Each worker had its own copy of the layer; that many
    files take a while, so they are deleted in the background."""
    if home.exists():
        home.rename(home.with_name(f"{home.name}.old-{secrets.token_hex(4)}"))
    if leftovers := [str(each) for each in home.parent.glob(f"{home.name}.old-*")]:
        nothing = subprocess.DEVNULL
        subprocess.Popen(
            ["rm", "-rf", *leftovers], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True
        )


def _target() -> tuple[str, str]:
    """The host's own Python (``3.11``) and processor: the embedded AWS runs functions as its processes."""
    processor = "arm64" if machine.machine() in ("aarch64", "arm64") else "x86_64"
    return f"{sys.version_info.major}.{sys.version_info.minor}", processor


def _changed() -> bool:
    """Whether the sources are others than those that were built."""
    mark = LOCAL / "build.inputs"
    return not mark.exists() or mark.read_text() != _inputs()


def parameters(endpoint: str, simulator: str, stack: str = STACK) -> dict[str, str]:
    """What a stack here is deployed with."""
    python, processor = _target()
    return {
        **json.loads(PARAMETERS.read_text()),
        "Runtime": f"python{python}",
        "Architecture": processor,
        "XApiBaseUrl": simulator,
        "GraphApiBaseUrl": simulator,
        "InstagramApiBaseUrl": f"{simulator}/instagram",
        "TranslateUrl": f"{simulator}/translate",
        "PublicBaseUrl": http_base(endpoint, stack),
        "MailFrom": SENDER,
        "ReplyAddress": SENDER,
        "SignInBaseUrl": endpoint.replace("127.0.0.1", "localhost"),
    }


def _deploy(endpoint: str, simulator: str, say: Say) -> dict[str, str]:
    given = parameters(endpoint, simulator)
    build = LOCAL / "build"
    if not (build / "template.yaml").exists() or _changed():
        say("sam build")
        inputs = _inputs()
        python, processor = _target()
        _run(
            [*(str(SAM), "build", "--build-dir", str(build)), *_overrides(given)],
            "build",
            LAYER_PYTHON=python,
            LAYER_ARCHITECTURE=processor,
            PIP=f"{sys.executable} -m pip",
        )
        (LOCAL / "build.inputs").write_text(inputs)
    say("sam deploy")
    return deploy(STACK, build / "template.yaml", given)


def _overrides(given: Mapping[str, str]) -> list[str]:
    return ["--parameter-overrides", *(f"{name}={value}" for name, value in given.items())]


def deploy(stack: str, template: Path, given: Mapping[str, str]) -> dict[str, str]:
    """A plain `sam deploy` of what was built. Returns the stack's outputs."""
    s3 = _session().client("s3")
    with contextlib.suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=ARTEFACTS, CreateBucketConfiguration={"LocationConstraint": REGION})
    _run(
        [
            *(str(SAM), "deploy", "--template-file", str(template), "--stack-name", stack),
            *("--s3-bucket", ARTEFACTS, "--region", REGION, "--no-confirm-changeset"),
            *("--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND", "--no-fail-on-empty-changeset"),
            *("--no-progressbar", "--tags", f"ms-custom-id={stack}", *_overrides(given)),
        ],
        f"deploy-{stack}",
    )
    found = _session().client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
    return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}


def _inputs() -> str:
    """A digest of all that goes into a build."""
    digest = hashlib.sha256(" ".join((TOOLS.read_text(), *_target(), PARAMETERS.read_text())).encode())
    files = [ROOT / "template.yaml", *sorted((ROOT / "infra").glob("*.yaml"))]
    for folder in ("functions", "layers"):
        files += sorted(
            path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
        )
    for file in files:
        digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()


def _channel_secrets(simulator: str) -> dict[str, Any]:
    """Secrets and tokens of this start: nothing real, nothing kept."""

    def word() -> str:
        return secrets.token_urlsafe(24)

    def source(name: str) -> dict[str, Any]:
        callback = {"url": f"{simulator}/sources/{name}", "signing": [webhook_secret()]}
        return {"signing": [webhook_secret()], "callback": callback}

    meta = {"app_id": META_APP, "signing": [word()], "verify_token": [word()]}
    app = {"consumer_key": word(), "consumer_secret": word()}
    page = {each["id"]: {"token": word()} for each in ACCOUNTS["facebook"]}
    return {
        "x": {
            "consumer_key": app["consumer_key"],
            "signing": [app["consumer_secret"]],
            "accounts": {each["id"]: {**app, "token": word(), "token_secret": word()} for each in ACCOUNTS["x"]},
        },
        "facebook": {**meta, "accounts": page},
        "messenger": {**meta, "accounts": page},
        "whatsapp": {
            **meta,
            "accounts": {each["id"]: {"token": word(), "waba_id": WABA} for each in ACCOUNTS["whatsapp"]},
        },
        "instagram": {**meta, "accounts": {each["id"]: {"token": word()} for each in ACCOUNTS["instagram"]}},
        "generic": {**source("generic"), "sources": {name: source(name) for name in SOURCES}},
    }


def _store_secrets(keys: dict[str, Any], outputs: dict[str, str], session: Any) -> None:
    """The channels' secret, and one secret for each account's tokens."""
    from firstline.outward.secrets import old_credentials
    from infra.ops.account_secrets import old_accounts
    from infra.ops.connect.setup import without_accounts

    client, signing = session.client("secretsmanager"), keys
    for channel, account in old_accounts(keys):
        text = json.dumps(old_credentials(keys, channel, account))
        client.create_secret(Name=f"{STACK}/account/{channel}/{account}", SecretString=text)
        signing = {**signing, channel: without_accounts(signing[channel], [account])}
    client.put_secret_value(SecretId=outputs["ChannelSecretsArn"], SecretString=json.dumps(signing))


def webhook_secret() -> str:
    """A fresh secret of Standard Webhooks: 32 random bytes."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(32)).decode()}"


def _publish(outputs: dict[str, str], session: Any, say: Say) -> None:
    from infra.ops.playbook import publish

    from .playbook import local_playbook

    say("publishing the example playbook, its handoffs' targets shortened")
    publish(local_playbook(), outputs, session)


def _people(outputs: dict[str, str], session: Any) -> dict[str, dict[str, Any]]:
    """Accounts of the desk's user pool, by role: how to sign in, and which regions they see."""
    from infra.ops.people import add, groups_of

    password = f"Aa1-{secrets.token_urlsafe(12)}"
    groups = groups_of(["branch-desk"], LEADS_REGIONS)
    add(session.client("cognito-idp"), outputs["UserPoolId"], LEAD, groups, password)
    return {"branch-desk": {"username": LEAD, "password": password, "regions": LEADS_REGIONS}}


def _start_simulators(
    port: int, http: str, endpoint: str, keys: dict[str, Any], outputs: dict[str, str], say: Say
) -> None:
    from .playbook import answer_targets, local_playbook

    say("starting the simulated platforms")
    settings = {
        "webhook_base": http,
        "strangers": True,
        "signing": {channel: part["signing"][0] for channel, part in keys.items()},
        "accounts": ACCOUNTS,
        "sources": {name: part["signing"][0] for name, part in keys["generic"]["sources"].items()},
        "tokens": {
            **{channel: part["accounts"] for channel, part in keys.items() if "accounts" in part},
            "generic": {
                name: {"token": part["callback"]["signing"][0]}
                for name, part in {"generic": keys["generic"], **keys["generic"]["sources"]}.items()
            },
        },
        "verify_token": keys["facebook"]["verify_token"][0],
        "targets": answer_targets(local_playbook()),
        "consumer_key": keys["x"]["consumer_key"],
        "app_id": META_APP,
        "aws_endpoint": endpoint,
        "mail": {
            "topic_arn": outputs["MailEventsTopicArn"],
            "bucket": outputs["BodiesBucketName"],
            "region": REGION,
        },
    }
    file = LOCAL / "simulators.json"
    file.write_text(json.dumps(settings))
    _start(
        [sys.executable, "-m", "infra.local.simulators", "--port", str(port), "--settings", str(file)],
        "simulators",
        os.environ,
    )
    _answers(f"http://127.0.0.1:{port}/health")
