"""The admin calls of an emulator, with nothing but the standard library: what any language has is enough."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

# Longer than any admin call takes, in seconds.
LIMIT = 10.0


class Admin:
    """The admin calls of the emulator at an endpoint."""

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        # Calls to loopback must not go through the proxy of the environment.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def help(self) -> dict[str, Any]:
        return self._call("GET", "")

    def inject(self, *faults: dict[str, Any]) -> list[int]:
        return self._call("POST", "/faults", list(faults))["ids"]

    def faults(self) -> list[dict[str, Any]]:
        return self._call("GET", "/faults")

    def advance(self, time: str) -> None:
        self._call("POST", "/clock", {"advance": time})

    def requests(self, operation: str) -> list[dict[str, Any]]:
        return self._call("GET", f"/requests?operation={operation}")

    def counts(self, operation: str) -> tuple[int, int]:
        """How many requests of an operation there were, and how many were carried out."""
        count = self._call("GET", "/counts").get(operation, {"requests": 0, "accepted": 0})
        return count["requests"], count["accepted"]

    def clusters(self) -> list[dict[str, Any]]:
        return self._call("GET", "/clusters")

    def reset(self) -> None:
        self._call("POST", "/reset")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._endpoint}/_emulator{path}", data, method=method)
        with self._opener.open(request, timeout=LIMIT) as response:
            text = response.read()
        return json.loads(text) if text else None
