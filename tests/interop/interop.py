"""Calls a running emulator with the official Python SDK and checks what the SDK makes of the answers.

`cargo xtask interop` starts both. By hand: put the line of JSON that `ackctl emulator` prints into the environment
variable ACK_EMULATOR_ANNOUNCEMENT and run this with a Python that has requirements.txt installed.

Every check prints `ok <name>` or `FAILED <name>: <why>`, and the last line is `N passed, M failed`. The exit code is 0
if all passed, 1 if not, and 2 if there was nothing to call. The clusters of the emulator are upgraded on the way, so
each run needs a fresh one.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from datetime import datetime
from pathlib import Path

from alibabacloud_cs20151215.models import DescribeClustersForRegionRequest, UpgradeClusterRequest

import faults
from emulated import Emulated, Upgrade, answered
from expectations import Checks, Unexpected, expect, expect_refusal, expect_true

ANNOUNCEMENT = "ACK_EMULATOR_ANNOUNCEMENT"

# How long the upgrades may take on the emulator's sped-up clock, and how often they are looked at, in seconds.
UPGRADE_LIMIT = 20.0
POLL_INTERVAL = 0.1

# An id that no cluster has, in the form of real ones.
UNKNOWN_CLUSTER = "c0000000000000000000000000000none"

# Texts in which the ways to encode a URL differ: blank, plus, UTF-8 of two to four bytes, and what has a meaning there.
AWKWARD_TEXTS = json.loads(Path(__file__).with_name("awkward_texts.json").read_text(encoding="utf-8"))


checks: Checks[Emulated] = Checks()


@checks.add("DescribeClustersForRegion lists the announced clusters")
def list_clusters(emulated: Emulated) -> None:
    body = emulated.clusters(page_size=100)
    expect("the list of ids", sorted(c.cluster_id for c in body.clusters), sorted(emulated.cluster_ids))
    info = body.page_info
    expect("page_info", (info.page_number, info.page_size, info.total_count), (1, 100, len(emulated.cluster_ids)))
    for cluster in body.clusters:
        expect(f"region_id of {cluster.cluster_id}", cluster.region_id, emulated.region)
        expect(f"state of {cluster.cluster_id}", cluster.state, "running")


@checks.add("DescribeClustersForRegion pages")
def page_clusters(emulated: Emulated) -> None:
    total = len(emulated.cluster_ids)
    seen = []
    for number in range(1, total + 1):
        body = emulated.clusters(page_number=number, page_size=1)
        info = body.page_info
        expect("page_info", (info.page_number, info.page_size, info.total_count), (number, 1, total))
        expect(f"the length of page {number}", len(body.clusters), 1)
        seen.append(body.clusters[0].cluster_id)
    expect("the list of ids", sorted(seen), sorted(emulated.cluster_ids))
    expect("the page after the last", emulated.clusters(page_number=total + 1, page_size=1).clusters, [])


@checks.add("DescribeClustersForRegion filters")
def filter_clusters(emulated: Emulated) -> None:
    for cluster_id in emulated.cluster_ids:
        (by_id,) = emulated.clusters(cluster_id=cluster_id).clusters
        expect("the cluster found by its id", by_id.cluster_id, cluster_id)
        by_name = [c.cluster_id for c in emulated.clusters(name=by_id.name, cluster_type=by_id.cluster_type).clusters]
        expect_true(cluster_id in by_name, f"the name {by_id.name!r} finds {by_name}")
        by_part = [c.cluster_id for c in emulated.clusters(name=by_id.name[1:-1]).clusters]
        expect_true(cluster_id in by_part, f"the inner part of the name {by_id.name!r} finds {by_part}")
    expect("what an unknown type finds", emulated.clusters(cluster_type="ExternalKubernetes").clusters, [])


@checks.add("query values that need encoding")
def encode_queries(emulated: Emulated) -> None:
    for text in AWKWARD_TEXTS:
        body = emulated.clusters(name=text)
        wanted = [c.cluster_id for c in emulated.clusters(page_size=100).clusters if text in c.name]
        expect(f"what the name {text!r} finds", [c.cluster_id for c in body.clusters], wanted)


@checks.add("path values that need encoding")
def encode_paths(emulated: Emulated) -> None:
    for text in AWKWARD_TEXTS:
        refusal = expect_refusal(lambda: emulated.task(text), 404, "ErrorTaskNotFound")
        expect_true(text in refusal.message, f"the message {refusal.message!r} does not name the task {text!r}")
        refusal = expect_refusal(lambda: emulated.detail(text), 404, "ErrorClusterNotFound")
        expect_true(text in refusal.message, f"the message {refusal.message!r} does not name the cluster {text!r}")


@checks.add("asynchronous calls")
def call_asynchronously(emulated: Emulated) -> None:
    # The SDK makes these with another HTTP library, which encodes in its own way and adds headers of its own.
    client = emulated.client
    for text in AWKWARD_TEXTS:
        request = DescribeClustersForRegionRequest(name=text, page_size=7)
        body = answered(asyncio.run(client.describe_clusters_for_region_async(emulated.region, request)))
        expect("page_size", body.page_info.page_size, 7)
    body = answered(asyncio.run(client.describe_cluster_detail_async(emulated.cluster_ids[0])))
    expect("cluster_id", body.cluster_id, emulated.cluster_ids[0])
    start = UpgradeClusterRequest(next_version="1.32.1-aliyun.1")
    call = lambda: asyncio.run(client.upgrade_cluster_async(UNKNOWN_CLUSTER, start))
    expect_refusal(call, 404, "ErrorClusterNotFound")


@checks.add("DescribeClusterDetail")
def describe_clusters(emulated: Emulated) -> None:
    for listed in emulated.clusters(page_size=100).clusters:
        detail = emulated.detail(listed.cluster_id)
        for name in ("cluster_id", "name", "cluster_type", "state", "current_version", "next_version", "size"):
            expect(f"{name} of {detail.cluster_id}", getattr(detail, name), getattr(listed, name))
        expect("init_version", detail.init_version, detail.current_version)
        expect_true(isinstance(detail.size, int) and detail.size > 0, f"size is {detail.size!r}")
        expect_true(detail.vpc_id and detail.service_cidr, "vpc_id or service_cidr is missing")
        expect("the type of meta_data", type(json.loads(detail.meta_data)), dict)
        expect("the type of master_url", type(json.loads(detail.master_url)), dict)
        expect_true(all(tag.key for tag in detail.tags), f"a tag of {detail.cluster_id} has no key")
        expect_time("created", detail.created)


@checks.add("before an upgrade: not_start and no tasks")
def before_upgrades(emulated: Emulated) -> None:
    for cluster_id in emulated.cluster_ids:
        body = emulated.status(cluster_id)
        expect("upgrade_step", body.upgrade_step, "not_start")
        expect_true(not body.status, f"status is {body.status!r}")
        expect_true(not body.error_message, f"error_message is {body.error_message!r}")
        tasks = emulated.tasks(cluster_id)
        expect("tasks", tasks.tasks, [])
        expect("total_count", tasks.page_info.total_count, 0)


@checks.add("unknown cluster: ErrorClusterNotFound")
def unknown_cluster(emulated: Emulated) -> None:
    calls = [
        emulated.status,
        emulated.detail,
        emulated.tasks,
        lambda cluster: emulated.upgrade(cluster, "1.32.1-aliyun.1"),
    ]
    for call in calls:
        refusal = expect_refusal(lambda: call(UNKNOWN_CLUSTER), 404, "ErrorClusterNotFound")
        expect_true(UNKNOWN_CLUSTER in refusal.message, f"the message {refusal.message!r} does not name the cluster")
    expect("what its id finds", emulated.clusters(cluster_id=UNKNOWN_CLUSTER).clusters, [])


@checks.add("wrong secret: SignatureDoesNotMatch")
def wrong_secret(emulated: Emulated) -> None:
    (key_id, secret), cluster_id = emulated.key, emulated.cluster_ids[0]
    client = emulated.client_with(key_id, secret + "x")
    get = expect_refusal(lambda: client.get_upgrade_status(cluster_id), 400, "SignatureDoesNotMatch")
    expect_true("ACS3-HMAC-SHA256" in get.message, f"the message {get.message!r} has no string to sign")
    request = UpgradeClusterRequest(next_version="1.32.1-aliyun.1")
    expect_refusal(lambda: client.upgrade_cluster(cluster_id, request), 400, "SignatureDoesNotMatch")


@checks.add("unknown access key: InvalidAccessKeyId.NotFound")
def unknown_key(emulated: Emulated) -> None:
    client = emulated.client_with("unknownAccessKeyId", emulated.key[1])
    call = lambda: client.describe_cluster_detail(emulated.cluster_ids[0])
    expect_refusal(call, 404, "InvalidAccessKeyId.NotFound")


@checks.add("security token of another key: refused after its signature was accepted")
def foreign_token(emulated: Emulated) -> None:
    cluster_id = emulated.cluster_ids[0]
    client = emulated.client_with(*emulated.key, token="token+of/another==")
    call = lambda: client.describe_cluster_detail(cluster_id)
    expect_refusal(call, 400, "InvalidSecurityToken.MismatchWithAccessKey")
    wrong = emulated.client_with(emulated.key[0], "wrong", token="token+of/another==")
    expect_refusal(lambda: wrong.describe_cluster_detail(cluster_id), 400, "SignatureDoesNotMatch")


@checks.add("upgrade to an impossible version: refused, cluster untouched")
def impossible_versions(emulated: Emulated) -> None:
    for cluster_id in emulated.cluster_ids:
        before = emulated.detail(cluster_id)
        for version in ("1.99.1-aliyun.1", before.current_version, "not a version"):
            refusal = expect_refusal(lambda: emulated.upgrade(cluster_id, version), 400, "InvalidParameter")
            expect_true(version in refusal.message, f"the message {refusal.message!r} does not name the version")
        after = emulated.detail(cluster_id)
        expect("the cluster", (after.state, after.current_version), ("running", before.current_version))


@checks.add("UpgradeCluster starts upgrades")
def start_upgrades(emulated: Emulated) -> None:
    for cluster_id in emulated.cluster_ids:
        detail = emulated.detail(cluster_id)
        if not detail.next_version:
            continue
        # The first upgrade is of the control plane alone, so that the two values of master_only both travel.
        master_only = not emulated.upgrades
        response = emulated.upgrade(cluster_id, detail.next_version, master_only)
        body = answered(response)
        expect("cluster_id", body.cluster_id, cluster_id)
        expect_true(body.task_id, "task_id is missing")
        expect("request_id", body.request_id, response.headers.get("x-acs-request-id"))
        upgrade = Upgrade(body.task_id, detail.current_version, detail.next_version, master_only)
        emulated.upgrades[cluster_id] = upgrade
        step = emulated.status(cluster_id).upgrade_step
        upgrade.note(step)
        expect(f"upgrade_step of {cluster_id} right after the start", step, "prechecking")
    expect_true(emulated.upgrades, "no cluster has a next_version")


@checks.add("second start: refused")
def second_start(emulated: Emulated) -> None:
    for cluster_id, upgrade in emulated.started().items():
        refusal = expect_refusal(lambda: emulated.upgrade(cluster_id, upgrade.target), 400, "ErrorClusterState")
        expect_true(cluster_id in refusal.message, f"the message {refusal.message!r} does not name the cluster")
        expect("the number of tasks", emulated.tasks(cluster_id).page_info.total_count, 1)


@checks.add("DescribeTaskInfo of a running upgrade")
def running_task(emulated: Emulated) -> None:
    for cluster_id, upgrade in emulated.started().items():
        task = emulated.task(upgrade.task_id)
        expect("task_id", task.task_id, upgrade.task_id)
        expect("cluster_id", task.cluster_id, cluster_id)
        expect("task_type", task.task_type, "cluster_upgrade")
        expect("state", task.state, "running")
        expect("target", (task.target.type, task.target.id), ("cluster", cluster_id))
        expect("next_version in parameters", task.parameters.get("next_version"), upgrade.target)
        expect("master_only in parameters", task.parameters.get("master_only"), upgrade.master_only)
        expect_true(task.current_stage, "current_stage is missing")
        expect("the state of the last stage", task.stages[-1].state, "running")
        expect_true(all(e.timestamp.isdigit() for e in task.events), "an event has a timestamp that is not a number")
        expect_true(task.error is None, "there is an error")
        expect_time("created", task.created)
        expect_time("updated", task.updated)


@checks.add("upgrades go through prechecking and upgrading to success")
def follow_upgrades(emulated: Emulated) -> None:
    deadline = time.monotonic() + UPGRADE_LIMIT
    while not all(upgrade.is_settled for upgrade in emulated.started().values()):
        if time.monotonic() > deadline:
            late = {id: upgrade.steps for id, upgrade in emulated.upgrades.items() if not upgrade.is_settled}
            raise Unexpected(f"after {UPGRADE_LIMIT:.0f} s these upgrades still go on: {late}")
        for cluster_id, upgrade in emulated.upgrades.items():
            look_at(emulated, cluster_id, upgrade)
        time.sleep(POLL_INTERVAL)
    for cluster_id, upgrade in emulated.upgrades.items():
        expect(f"the steps of {cluster_id}", upgrade.steps, ["prechecking", "upgrading", "success"])


@checks.add("after an upgrade: task and status tell of success")
def after_upgrades(emulated: Emulated) -> None:
    for cluster_id, upgrade in emulated.started().items():
        task = emulated.task(upgrade.task_id)
        expect("state of the task", task.state, "success")
        expect("the states of its stages", {stage.state for stage in task.stages}, {"success"})
        expect_true(all(stage.start_time and stage.end_time for stage in task.stages), "a stage lacks a time")
        expect("the results", [result.status for result in task.task_result], ["success"])
        status = emulated.status(cluster_id)
        expect("status", (status.upgrade_step, status.status), ("success", "success"))
        expect("status of upgrade_task", status.upgrade_task.status, "Success")
        expect_true(not status.error_message, f"error_message is {status.error_message!r}")
        tasks = emulated.tasks(cluster_id, page_number=1, page_size=5)
        expect("the tasks", [(t.task_id, t.state) for t in tasks.tasks], [(upgrade.task_id, "success")])
        info = tasks.page_info
        expect("page_info", (info.page_number, info.page_size, info.total_count), (1, 5, 1))
        expect_true(tasks.request_id, "DescribeClusterTasks gives no request id")


@checks.add("after an upgrade: clusters run at the target version")
def upgraded_clusters(emulated: Emulated) -> None:
    for cluster_id, upgrade in emulated.started().items():
        detail = emulated.detail(cluster_id)
        expect(f"{cluster_id}", (detail.state, detail.current_version), ("running", upgrade.target))
        expect("init_version", detail.init_version, upgrade.source)
        expect_true(detail.next_version != upgrade.target, "next_version is the version the cluster has")
        (listed,) = emulated.clusters(cluster_id=cluster_id).clusters
        expect("the cluster in the list", (listed.state, listed.current_version), ("running", upgrade.target))


faults.add_checks(checks)


def look_at(emulated: Emulated, cluster_id: str, upgrade: Upgrade) -> None:
    """Polls one upgrade. Time goes on between the calls, so what a later one says may only be further on."""
    task = emulated.task(upgrade.task_id)
    expect_true(task.state in ("running", "success"), f"the task is {task.state!r}: {task.error}")
    status = emulated.status(cluster_id)
    upgrade.note(status.upgrade_step)
    expect(
        f"status at {status.upgrade_step}", status.status, "success" if status.upgrade_step == "success" else "running"
    )
    if task.state == "success":
        expect("upgrade_step after the task has succeeded", status.upgrade_step, "success")
    if status.upgrade_step == "upgrading":
        expect("status of upgrade_task", status.upgrade_task.status, "running")
    detail = emulated.detail(cluster_id)
    # The new version may not show before the cluster runs again.
    wanted = upgrade.target if detail.state == "running" else upgrade.source
    expect(f"current_version while {detail.state}", detail.current_version, wanted)
    if detail.state == "running":
        expect("upgrade_step once the cluster runs", emulated.status(cluster_id).upgrade_step, "success")
        upgrade.note("success")
        upgrade.is_settled = True
    else:
        expect("state of the cluster", detail.state, "upgrading")


def expect_time(what: str, text: str) -> None:
    """Demands RFC 3339 with an offset."""
    expect_true(text and datetime.fromisoformat(text).tzinfo is not None, f"{what} is {text!r}, without an offset")


def main() -> int:
    text = os.environ.get(ANNOUNCEMENT)
    if not text:
        print(f"{ANNOUNCEMENT} is not set; put the line into it that `ackctl emulator` prints", file=sys.stderr)
        return 2
    # The SDK would send even calls to loopback through a proxy, and has no way to say no.
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        os.environ.pop(name, None)
    return 0 if checks.run(Emulated(json.loads(text))) else 1


if __name__ == "__main__":
    sys.exit(main())
