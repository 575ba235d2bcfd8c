"""What a check can demand, and the runner that prints how the checks went."""

from __future__ import annotations

import sys
from typing import Any, Callable, Generic, TypeVar

from alibabacloud_tea_openapi.exceptions import AlibabaCloudException, ClientException

Subject = TypeVar("Subject")


class Unexpected(Exception):
    """Something is not as a check demands; the text says what."""


class Checks(Generic[Subject]):
    """Checks in the order of their definition; each may rely on what those before it left in the subject."""

    def __init__(self) -> None:
        self._checks: list[tuple[str, Callable[[Subject], None]]] = []

    def add(self, name: str) -> Callable[[Callable[[Subject], None]], Callable[[Subject], None]]:
        """Registers a function as the check `name`."""

        def register(function: Callable[[Subject], None]) -> Callable[[Subject], None]:
            self._checks.append((name, function))
            return function

        return register

    def run(self, subject: Subject) -> bool:
        """Runs every check, prints a line for each and the counts, and tells whether all passed."""
        failed = 0
        for name, function in self._checks:
            try:
                function(subject)
                print(f"ok {name}", flush=True)
            except Unexpected as problem:
                failed += 1
                print(f"FAILED {name}: {_one_line(str(problem))}", flush=True)
            # The SDK raises whatever its HTTP and JSON libraries raise; the checks that follow must still run.
            except Exception as error:
                failed += 1
                print(f"FAILED {name}: {type(error).__name__}: {_one_line(str(error))}", flush=True)
        print(f"{len(self._checks) - failed} passed, {failed} failed")
        sys.stdout.flush()
        return failed == 0


def expect(what: str, actual: Any, wanted: Any) -> None:
    """Demands that a value is the wanted one."""
    if actual != wanted:
        raise Unexpected(f"{what} is {actual!r}, not {wanted!r}")


def expect_true(condition: object, problem: str) -> None:
    """Demands that a condition holds."""
    if not condition:
        raise Unexpected(problem)


def expect_refusal(call: Callable[[], Any], status: int, code: str) -> ClientException:
    """Demands that the service refuses a call, and gives the error that the SDK made of it."""
    try:
        answer = call()
    except AlibabaCloudException as error:
        expect("the class of the error", type(error).__name__, "ClientException")
        expect("the HTTP status", (error.status_code, error.code), (status, code))
        # Where an answer has no request id, the SDK writes the text "None".
        expect_true(error.request_id not in (None, "", "None"), "the error has no request id")
        expect_true(error.request_id in error.message, "the message of the error does not name its request id")
        return error
    raise Unexpected(f"the call was answered with {answer.status_code}, not refused with {status} {code}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
