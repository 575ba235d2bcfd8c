"""Every fault of the emulator, reached by admin calls, and what the SDK makes of it.

The scenarios and what each SDK is known to make of them stand in faults.json, which the checks in TypeScript read too.
Where an SDK does badly (a redirect that is followed with the same signature, a status that is lost with the body), that is
what it does, and no wish: it is told so that a change of the SDK or of the emulator shows.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from admin import Admin
from emulated import Emulated
from expectations import Checks, expect, expect_true

# How long the SDK waits for bytes, in milliseconds: more than an answer takes on a busy machine, and less than the faults
# that drag on.
READ_TIMEOUT = 1_500

VERSION = "1.32.1-aliyun.1"


def add_checks(checks: Checks[Emulated]) -> None:
    """Adds a check for each scenario, and some for what goes beyond a single fault."""
    scenarios = json.loads((Path(__file__).parent / "faults.json").read_text(encoding="utf-8"))["scenarios"]
    for scenario in scenarios:
        name = f"fault {json.dumps(scenario['fault'])} in {scenario['call']}: {scenario['python']}"
        checks.add(name)(lambda emulated, scenario=scenario: strike(emulated, scenario))

    @checks.add("every fault of the emulator is among those")
    def all_faults(emulated: Emulated) -> None:
        known = {fault["name"] for fault in Admin(emulated.endpoint).help()["faults"]}
        expect("the set of faults", {scenario["fault"]["fault"] for scenario in scenarios}, known)

    @checks.add("faults wait in a queue and strike what they are for")
    def queued_faults(emulated: Emulated) -> None:
        admin, client = prepared(emulated)
        first, second = emulated.cluster_ids[:2]
        admin.inject(
            {"fault": "throttle", "cluster": second, "skip": 1, "times": 1},
            {"fault": "server-error", "operation": "GetUpgradeStatus", "times": 2},
            {"fault": "expired-token", "format": "xml"},
        )
        seen = [outcome(lambda: client.get_upgrade_status(cluster)) for cluster in (first, second, second, first)]
        wanted = ["ServerException 500 InternalError", "ServerException 500 InternalError"]
        expect("what is seen", seen, wanted + ["ClientException 400 Throttling.User", "answered not_start"])
        expect("how often each has struck", [fault["struck"] for fault in admin.faults()], [1, 2, 0])
        expect("which have struck their last", [fault["is_over"] for fault in admin.faults()], [True, True, False])

    @checks.add("a start whose reply is lost is found again by admin call and by the API")
    def lost_start(emulated: Emulated) -> None:
        admin, client = prepared(emulated)
        cluster = emulated.cluster_ids[0]
        admin.inject({"fault": "lost-reply", "operation": "UpgradeCluster", "times": 1})
        expect("what is seen", outcome(lambda: emulated.upgrade(cluster, VERSION)), "UnretryableException of RetryError")
        request = admin.requests("UpgradeCluster")[-1]
        expect("what is recorded", (request["is_accepted"], request["fault"]["name"]), (True, "lost-reply"))
        (task,) = emulated.tasks(cluster).tasks
        listed = next(listed for listed in admin.clusters() if listed["id"] == cluster)
        expect("the cluster", (listed["state"], listed["task_id"]), ("upgrading", task.task_id))
        expect("a second start", outcome(lambda: emulated.upgrade(cluster, VERSION)), "ClientException 400 ErrorClusterState")
        expect("requests and accepted ones", admin.counts("UpgradeCluster"), (2, 1))
        admin.advance("1h")
        expect("the state in the end", emulated.detail(cluster).state, "running")
        expect_true(emulated.detail(cluster).current_version == VERSION, "the cluster is not at the new version")


def strike(emulated: Emulated, scenario: dict[str, Any]) -> None:
    """Lets one fault strike one call of a fresh emulator."""
    admin, client = prepared(emulated)
    cluster = emulated.cluster_ids[0]
    fault = {key: value.replace("{endpoint}", emulated.endpoint) if isinstance(value, str) else value for key, value in scenario["fault"].items()}
    admin.inject({**fault, "operation": scenario["call"], "times": 1})
    if scenario["call"] == "UpgradeCluster":
        seen = outcome(lambda: emulated.upgrade_with(client, cluster, VERSION))
    else:
        seen = outcome(lambda: client.get_upgrade_status(cluster))
    expect("what the SDK makes of it", seen, scenario["python"])
    wanted = (scenario.get("requests", {}).get("python", 1), scenario["accepted"])
    expect("requests and accepted ones", admin.counts(scenario["call"]), wanted)
    (injected,) = admin.faults()
    expect("how often the fault has struck", (injected["struck"], injected["is_over"]), (1, True))


def prepared(emulated: Emulated) -> tuple[Admin, Any]:
    """The emulator as it was at the start, and a client of little patience."""
    admin = Admin(emulated.endpoint)
    admin.reset()
    return admin, emulated.client_with(*emulated.key, read_timeout=READ_TIMEOUT)


def outcome(call: Any) -> str:
    """What the SDK makes of an answer, in a few words."""
    try:
        response = call()
    # The SDK raises whatever its HTTP and JSON libraries raise.
    except Exception as error:
        name = type(error).__name__
        inner = getattr(error, "inner_exception", None)
        if inner is not None:
            return f"{name} of {type(inner).__name__}"
        hint = getattr(error, "retry_after", None)
        hint = f", retry after {hint} ms" if hint else ""
        return f"{name} {getattr(error, 'status_code', None)} {getattr(error, 'code', None)}{hint}"
    if response.body is None:
        return "answered, body lost"
    step = getattr(response.body, "upgrade_step", None)
    return f"answered {step}" if step else f"answered with task {bool(response.body.task_id)}"
