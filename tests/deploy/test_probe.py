import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from deploy.probe import main


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b'{"status": "down"}'
        self.send_response(int(self.path.removeprefix("/")))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its own name
        """Stay silent."""


@pytest.fixture
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_good_answer_is_well(address: str) -> None:
    assert main([f"{address}/200"]) == 0


def test_a_refusal_is_not_and_is_shown(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"{address}/503"]) == 1
    assert '503: {"status": "down"}' in capsys.readouterr().err


def test_a_probe_asks_the_process_itself_even_where_a_proxy_is_set(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert main([f"{address}/200"]) == 0


def test_nobody_listening_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))

        assert main([f"http://127.0.0.1:{free.getsockname()[1]}/readyz"]) == 1
    assert "did not answer" in capsys.readouterr().err


def test_silence_is_not_well(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/readyz"

        assert main([url, "--timeout", "0.1"]) == 1
    assert "timed out" in capsys.readouterr().err
