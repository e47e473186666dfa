"""HAProxy or nginx in front of several nodes, with the configuration of `deploy/`."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from app.storage.os_process import children_of
from tests.harness.server import free_port
from tests.harness.waiting import eventually

ROOT = Path(__file__).resolve().parents[2]


def haproxy(port: int, nodes: Sequence[int], pem: Path | None = None) -> str:
    """`deploy/haproxy.cfg` on a port of this machine, for nodes on other ports.

    Without a certificate and key in `pem` it speaks no TLS.
    """
    text = (ROOT / "deploy/haproxy.cfg").read_text(encoding="utf-8")
    text = _changed(text, r"    bind :80\n", "")
    if pem is None:
        text = _changed(text, r"    bind :443 .*\n", f"    bind 127.0.0.1:{port}\n")
        text = _changed(text, r"    http-request redirect scheme https .*\n", "")
        # A browser sends no such cookie where it came without TLS.
        text = _changed(text, r"(    cookie parley_node .*) secure", r"\1")
    else:
        text = _changed(text, r"bind :443 ssl crt \S+", f"bind 127.0.0.1:{port} ssl crt {pem}")
    servers = "".join(
        f"    server n{n} 127.0.0.1:{node} cookie n{n}\n" for n, node in enumerate(nodes)
    )
    return _changed(text, r"(    server \w+ [\d.:]+ cookie \w+\n)+", servers)


def nginx(port: int, nodes: Sequence[int], folder: Path, pem: Path | None = None) -> str:
    """`deploy/nginx-cluster.conf` the same way, as a whole configuration of nginx."""
    text = (ROOT / "deploy/nginx-cluster.conf").read_text(encoding="utf-8")
    text = _changed(text, r"server \{\n    listen 80;\n(.*\n)*?\}\n", "")
    if pem is None:
        text = _changed(text, r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
        text = _changed(text, r"    ssl_\w+ .*\n", "")
        text = _changed(text, r"; Secure", "")
    else:
        text = _changed(text, r"listen 443", f"listen 127.0.0.1:{port}")
        text = _changed(text, r"(    ssl_certificate(_key)? +)\S+;", rf"\1{pem};")
    servers = "".join(
        f"    server 127.0.0.1:{node} max_fails=1 fail_timeout=2s;\n" for node in nodes
    )
    text = _changed(text, r"(    server [\d.:]+ max_fails=1 fail_timeout=2s;\n)+", servers)
    temporary = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Else what it starts as root writes into folders of this test as somebody else.
    user = "user root;\n" if os.geteuid() == 0 else ""
    main = (
        f"{user}daemon off;\npid {folder}/nginx.pid;\nerror_log stderr warn;\n"
        "worker_processes 2;\nworker_rlimit_nofile 20000;\nevents { worker_connections 10000; }\n"
    )
    return f"{main}http {{\naccess_log off;\n{temporary}{text}}}\n"


def _changed(text: str, pattern: str, value: str) -> str:
    changed, times = re.subn(pattern, value, text)
    assert times, f"the configuration has no {pattern}"
    return changed


def program(name: str) -> str | None:
    """Its path; Debian's are not on everybody's PATH."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")


class Proxy:
    """One that runs from `starts` to `ends`."""

    def __init__(
        self, name: str, folder: Path, nodes: Sequence[int], pem: Path | None = None
    ) -> None:
        self._scheme = "http" if pem is None else "https"
        self.port = free_port()
        self._log = folder / f"{name}.log"
        found = program(name)
        assert found, f"this needs {name}: `make test` installs it"
        if name == "haproxy":
            file, text = folder / "haproxy.cfg", haproxy(self.port, nodes, pem)
            self._command = [found, "-W", "-f", str(file)]
        else:
            file, text = folder / "nginx.conf", nginx(self.port, nodes, folder, pem)
            self._command = [found, "-p", str(folder), "-c", str(file), "-e", "stderr"]
        file.write_text(text, encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        # A name and no address: some clients keep cookies only of names.
        return f"{self._scheme}://localhost:{self.port}"

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def pids(self) -> set[int]:
        """The processes that it has."""
        assert self._process is not None
        return {self._process.pid, *children_of(self._process.pid)}

    async def starts(self) -> None:
        """Start it, and wait till it accepts."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdout=log, stderr=log, start_new_session=True
            )
        await eventually(self._accepts, "the proxy accepts connections")

    async def _accepts(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    def ends(self) -> None:
        """Stop it; its processes end with it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(timeout=10)
