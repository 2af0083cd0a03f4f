"""The calls themselves, over real sockets on loopback: what can have arrived, and what cannot."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from firstline.model.errors import NotSent, Unclear
from firstline.outward.http import Http

ANSWER = b"HTTP/1.1 200 OK\r\nX-App-Usage: {}\r\nContent-Length: 12\r\nConnection: close\r\n\r\n"


@contextmanager
def a_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """One connection, answered by ``serve``; gives the base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            connection, _ = listener.accept()
            with connection:
                serve(connection)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(5)


def call(base: str, timeout: tuple[float, float] = (2, 2)) -> object:
    return Http(base, base, timeout=timeout).request("POST", f"{base}/2/tweets", json={"text": "hello"})


def test_an_answer_comes_back_with_lower_case_headers() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(ANSWER + b'{"id": "11"}')

    with a_server(serve) as base:
        response = Http(base, base).request("GET", base)
    assert (response.status, response.headers["x-app-usage"], response.data) == (200, "{}", {"id": "11"})


def test_an_answer_that_is_no_json_has_no_data() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(ANSWER + b"<html></html")

    with a_server(serve) as base:
        assert Http(base, base).request("GET", base).data is None


def test_a_refused_connection_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(NotSent, match="not_reached"):
        call(f"http://127.0.0.1:{port}")


def test_a_name_that_does_not_resolve_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    with pytest.raises(NotSent, match="not_reached"):
        call("http://nowhere.invalid")


@pytest.mark.parametrize("base", ["nothing", "ftp://example.org", "http://"])
def test_a_call_that_cannot_be_made_is_not_sent(base: str) -> None:
    with pytest.raises(NotSent):
        call(base)


def test_a_connection_that_ends_after_the_request_is_unclear() -> None:
    with a_server(lambda connection: [connection.recv(65536)].clear()) as base, pytest.raises(Unclear):
        call(base)


def test_an_answer_that_ends_half_way_is_unclear() -> None:
    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{")

    with a_server(serve) as base, pytest.raises(Unclear):
        call(base)


def test_an_answer_that_never_comes_is_unclear() -> None:
    done = threading.Event()
    with a_server(lambda _: [done.wait(5)].clear()) as base:
        with pytest.raises(Unclear, match="timed_out"):
            call(base, timeout=(2, 0.05))
        done.set()


def test_neither_words_nor_tokens_are_logged_or_raised(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with a_server(lambda connection: [connection.recv(65536)].clear()) as base:
        http = Http(base, base, timeout=(2, 2))
        with pytest.raises(Unclear) as raised:
            http.request(
                "POST", f"{base}/x", json={"text": "private words"}, headers={"authorization": "Bearer secret"}
            )
    assert "private words" not in caplog.text + repr(raised.value)
    assert "secret" not in caplog.text + repr(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_a_netrc_file_or_proxy_of_the_machine_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")

    def serve(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(ANSWER + b'{"id": "11"}')

    with a_server(serve) as base:
        assert Http(base, base).request("GET", base).status == 200
