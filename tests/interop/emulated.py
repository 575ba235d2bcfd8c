"""An emulator as seen through the official SDK's client, and what the checks learn of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from alibabacloud_cs20151215.client import Client
from alibabacloud_cs20151215.models import (
    DescribeClusterDetailResponseBody,
    DescribeClustersForRegionRequest,
    DescribeClustersForRegionResponseBody,
    DescribeClusterTasksRequest,
    DescribeClusterTasksResponseBody,
    DescribeTaskInfoResponseBody,
    GetUpgradeStatusResponseBody,
    UpgradeClusterRequest,
    UpgradeClusterResponse,
)
from alibabacloud_tea_openapi.utils_models import Config

from expectations import expect, expect_true


@dataclass
class Upgrade:
    """An upgrade that was started, and the steps that GetUpgradeStatus showed of it, each once."""

    task_id: str
    source: str
    target: str
    master_only: bool
    steps: list[str] = field(default_factory=list)
    is_settled: bool = False

    def note(self, step: str) -> None:
        if not self.steps or self.steps[-1] != step:
            self.steps.append(step)


class Emulated:
    """An emulator by its announcement, the SDK's client for it, and what the checks have learned so far."""

    def __init__(self, announcement: dict[str, Any]) -> None:
        self.endpoint: str = announcement["endpoint"]
        self.address: str = announcement["address"]
        self.region: str = announcement["region"]
        self.cluster_ids: list[str] = announcement["clusters"]
        self.key: tuple[str, str] = (announcement["access_key_id"], announcement["access_key_secret"])
        self.client = self.client_with(*self.key)
        self.upgrades: dict[str, Upgrade] = {}

    def client_with(
        self, key_id: str, secret: str, token: str | None = None, read_timeout: int = 10_000
    ) -> Client:
        return Client(
            Config(
                access_key_id=key_id,
                access_key_secret=secret,
                security_token=token,
                endpoint=self.address,
                protocol="HTTP",
                region_id=self.region,
                connect_timeout=5_000,
                read_timeout=read_timeout,
            )
        )

    def clusters(self, **filters: Any) -> DescribeClustersForRegionResponseBody:
        request = DescribeClustersForRegionRequest(**filters)
        return answered(self.client.describe_clusters_for_region(self.region, request))

    def detail(self, cluster_id: str) -> DescribeClusterDetailResponseBody:
        return answered(self.client.describe_cluster_detail(cluster_id))

    def status(self, cluster_id: str) -> GetUpgradeStatusResponseBody:
        return answered(self.client.get_upgrade_status(cluster_id))

    def task(self, task_id: str) -> DescribeTaskInfoResponseBody:
        return answered(self.client.describe_task_info(task_id))

    def tasks(self, cluster_id: str, **paging: int) -> DescribeClusterTasksResponseBody:
        return answered(self.client.describe_cluster_tasks(cluster_id, DescribeClusterTasksRequest(**paging)))

    def upgrade(self, cluster_id: str, version: str, master_only: bool = True) -> UpgradeClusterResponse:
        return self.upgrade_with(self.client, cluster_id, version, master_only)

    def upgrade_with(
        self, client: Client, cluster_id: str, version: str, master_only: bool = True
    ) -> UpgradeClusterResponse:
        request = UpgradeClusterRequest(next_version=version, master_only=master_only)
        return client.upgrade_cluster(cluster_id, request)

    def started(self) -> dict[str, Upgrade]:
        """The upgrades by cluster id."""
        expect_true(self.upgrades, "no upgrade was started")
        return self.upgrades


def answered(response: Any) -> Any:
    """The body of an answer, which the SDK leaves out without a word when it has another shape than the model."""
    expect("the HTTP status", response.status_code, 200)
    expect_true(response.headers.get("x-acs-request-id"), "the answer has no x-acs-request-id")
    expect_true(response.body is not None, "the SDK could not read the body")
    return response.body
