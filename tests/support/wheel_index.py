"""Tiny wheels, and an index of packages (PEP 503) on loopback that serves them."""

from __future__ import annotations

import contextlib
import hashlib
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote, unquote

from .limits import PATIENCE


def write_wheel(folder: Path, name: str, version: str, content: str = "") -> str:
    """A wheel of one empty module, and its pin with a hash, as a requirements file has it."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": content,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(zipfile.ZipInfo(file), text)
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


class WheelIndex:
    """Serves the wheels of a folder; `asked` are the packages whose page was asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.status = 200
        self.page: str | None = None
        """In place of the list of files."""
        self.stalls = threading.Event()
        """Set, if files are asked for in vain until the index is closed."""
        self.closed = threading.Event()
        self.url = ""

    def answer(self, path: str) -> tuple[int, bytes]:
        name = unquote(path.strip("/").rpartition("/")[2])
        if name.endswith(".whl"):
            if self.stalls.is_set():
                self.closed.wait(PATIENCE)
            return 200, (self.folder / name).read_bytes()
        self.asked.append(name)
        files = sorted(self.folder.glob(f"{name}-*.whl"))
        links = [f'<a href="/files/{quote(file.name)}">{file.name}</a>' for file in files]
        page = f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>"
        status = self.status if files or self.page is not None else 404
        return status, (page if self.page is None else self.page).encode()


@contextmanager
def serving(folder: Path) -> Iterator[WheelIndex]:
    index = WheelIndex(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = index.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    index.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield index
    finally:
        index.closed.set()
        server.shutdown()
        server.server_close()
        thread.join()
