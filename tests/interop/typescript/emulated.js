"use strict";
// An emulator as seen through the official SDK's client, and what the checks learn of it.

const cs = require("@alicloud/cs20151215");
const { $OpenApiUtil } = require("@alicloud/openapi-core");

const { expect, expectTrue } = require("./expectations");

/** An upgrade that was started, and the steps that GetUpgradeStatus showed of it, each once. */
class Upgrade {
  steps = [];
  isSettled = false;

  constructor(taskId, source, target, masterOnly) {
    Object.assign(this, { taskId, source, target, masterOnly });
  }

  note(step) {
    if (this.steps.at(-1) !== step) {
      this.steps.push(step);
    }
  }
}

/** An emulator by its announcement, the SDK's client for it, and what the checks have learned so far. */
class Emulated {
  upgrades = new Map();

  constructor(announcement) {
    this.endpoint = announcement.endpoint;
    this.address = announcement.address;
    this.region = announcement.region;
    this.clusterIds = announcement.clusters;
    this.key = [announcement.access_key_id, announcement.access_key_secret];
    this.client = this.clientWith(...this.key);
  }

  clientWith(accessKeyId, accessKeySecret, { securityToken, readTimeout = 10_000 } = {}) {
    return new cs.default(
      new $OpenApiUtil.Config({
        accessKeyId,
        accessKeySecret,
        securityToken,
        endpoint: this.address,
        protocol: "HTTP",
        regionId: this.region,
        connectTimeout: 5_000,
        readTimeout,
      }),
    );
  }

  async clusters(filters = {}) {
    const request = new cs.DescribeClustersForRegionRequest(filters);
    return answered(await this.client.describeClustersForRegion(this.region, request));
  }

  async detail(clusterId) {
    return answered(await this.client.describeClusterDetail(clusterId));
  }

  async status(clusterId) {
    return answered(await this.client.getUpgradeStatus(clusterId));
  }

  async task(taskId) {
    return answered(await this.client.describeTaskInfo(taskId));
  }

  async tasks(clusterId, paging = {}) {
    return answered(await this.client.describeClusterTasks(clusterId, new cs.DescribeClusterTasksRequest(paging)));
  }

  async upgrade(clusterId, nextVersion, { masterOnly = true, client = this.client } = {}) {
    return client.upgradeCluster(clusterId, new cs.UpgradeClusterRequest({ nextVersion, masterOnly }));
  }
}

/** The body of an answer. */
function answered(response) {
  expect("the HTTP status", response.statusCode, 200);
  expectTrue(response.headers["x-acs-request-id"], "the answer has no x-acs-request-id");
  expectTrue(response.body, "the SDK could not read the body");
  return response.body;
}

module.exports = { Emulated, Upgrade, answered };
