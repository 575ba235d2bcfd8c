"use strict";
// Calls a running emulator with the official TypeScript SDK and checks what the SDK makes of the answers.
//
// `cargo xtask interop` starts both. By hand: put the line of JSON that `ackctl emulator` prints into the environment
// variable ACK_EMULATOR_ANNOUNCEMENT, and run this with the packages of package.json on NODE_PATH.
//
// The checks are those of interop.py, and so are output and exit codes.

const { setTimeout: sleep } = require("node:timers/promises");

const { Emulated, Upgrade, answered } = require("./emulated");
const { Checks, Unexpected, expect, expectRefusal, expectTime, expectTrue } = require("./expectations");
const faults = require("./faults");

const ANNOUNCEMENT = "ACK_EMULATOR_ANNOUNCEMENT";

// How long the upgrades may take on the emulator's sped-up clock, and how often they are looked at, in milliseconds.
const UPGRADE_LIMIT = 20_000;
const POLL_INTERVAL = 100;

// An id that no cluster has, in the form of real ones.
const UNKNOWN_CLUSTER = "c0000000000000000000000000000none";

// Texts in which the ways to encode a URL differ: blank, plus, UTF-8 of two to four bytes, and what has a meaning there.
const AWKWARD_TEXTS = require("../awkward_texts.json");

const checks = new Checks();

checks.add("DescribeClustersForRegion lists the announced clusters", async (emulated) => {
  const body = await emulated.clusters({ pageSize: 100 });
  expect("the list of ids", body.clusters.map((c) => c.clusterId).sort(), [...emulated.clusterIds].sort());
  const { pageNumber, pageSize, totalCount } = body.pageInfo;
  expect("pageInfo", [pageNumber, pageSize, totalCount], [1, 100, emulated.clusterIds.length]);
  for (const cluster of body.clusters) {
    expect(`${cluster.clusterId}`, [cluster.regionId, cluster.state], [emulated.region, "running"]);
  }
});

checks.add("DescribeClustersForRegion pages", async (emulated) => {
  const total = emulated.clusterIds.length;
  const seen = [];
  for (let page = 1; page <= total; page += 1) {
    const body = await emulated.clusters({ pageNumber: page, pageSize: 1 });
    const { pageNumber, pageSize, totalCount } = body.pageInfo;
    expect("pageInfo", [pageNumber, pageSize, totalCount], [page, 1, total]);
    expect(`the length of page ${page}`, body.clusters.length, 1);
    seen.push(body.clusters[0].clusterId);
  }
  expect("the list of ids", seen.sort(), [...emulated.clusterIds].sort());
  expect("the page after the last", (await emulated.clusters({ pageNumber: total + 1, pageSize: 1 })).clusters ?? [], []);
});

checks.add("DescribeClustersForRegion filters", async (emulated) => {
  for (const clusterId of emulated.clusterIds) {
    const [byId] = (await emulated.clusters({ clusterId })).clusters;
    expect("the cluster found by its id", byId.clusterId, clusterId);
    for (const filters of [{ name: byId.name, clusterType: byId.clusterType }, { name: byId.name.slice(1, -1) }]) {
      const found = (await emulated.clusters(filters)).clusters.map((c) => c.clusterId);
      expectTrue(found.includes(clusterId), `${JSON.stringify(filters)} finds ${found}`);
    }
  }
  expect("what an unknown type finds", (await emulated.clusters({ clusterType: "ExternalKubernetes" })).clusters ?? [], []);
});

checks.add("query values that need encoding", async (emulated) => {
  const { clusters } = await emulated.clusters({ pageSize: 100 });
  for (const text of AWKWARD_TEXTS) {
    const found = (await emulated.clusters({ name: text })).clusters ?? [];
    const wanted = clusters.filter((c) => c.name.includes(text)).map((c) => c.clusterId);
    expect(`what the name ${text} finds`, found.map((c) => c.clusterId), wanted);
  }
});

checks.add("path values that need encoding", async (emulated) => {
  // The SDK sends an asterisk in a path as it is and signs it as %2A. No id holds one, and what the service makes of it is
  // not known.
  for (const text of AWKWARD_TEXTS.filter((text) => !text.includes("*"))) {
    const task = await expectRefusal(() => emulated.task(text), 404, "ErrorTaskNotFound");
    expectTrue(task.message.includes(text), `the message ${task.message} does not name the task ${text}`);
    const cluster = await expectRefusal(() => emulated.detail(text), 404, "ErrorClusterNotFound");
    expectTrue(cluster.message.includes(text), `the message ${cluster.message} does not name the cluster ${text}`);
  }
});

checks.add("DescribeClusterDetail", async (emulated) => {
  for (const listed of (await emulated.clusters({ pageSize: 100 })).clusters) {
    const detail = await emulated.detail(listed.clusterId);
    for (const name of ["clusterId", "name", "clusterType", "state", "currentVersion", "nextVersion", "size"]) {
      expect(`${name} of ${detail.clusterId}`, detail[name], listed[name]);
    }
    expect("initVersion", detail.initVersion, detail.currentVersion);
    expectTrue(Number.isInteger(detail.size) && detail.size > 0, `size is ${detail.size}`);
    expectTrue(detail.vpcId && detail.serviceCidr, "vpcId or serviceCidr is missing");
    expect("the type of metaData", typeof JSON.parse(detail.metaData), "object");
    expect("the type of masterUrl", typeof JSON.parse(detail.masterUrl), "object");
    expectTrue((detail.tags ?? []).every((tag) => tag.key), `a tag of ${detail.clusterId} has no key`);
    expectTime("created", detail.created);
  }
});

checks.add("before an upgrade: not_start and no tasks", async (emulated) => {
  for (const clusterId of emulated.clusterIds) {
    const body = await emulated.status(clusterId);
    expect("upgradeStep", body.upgradeStep, "not_start");
    expectTrue(!body.status && !body.errorMessage, `status is ${body.status}, errorMessage ${body.errorMessage}`);
    const tasks = await emulated.tasks(clusterId);
    expect("tasks", [tasks.tasks ?? [], tasks.pageInfo.totalCount], [[], 0]);
  }
});

checks.add("unknown cluster: ErrorClusterNotFound", async (emulated) => {
  const calls = [
    () => emulated.status(UNKNOWN_CLUSTER),
    () => emulated.detail(UNKNOWN_CLUSTER),
    () => emulated.tasks(UNKNOWN_CLUSTER),
    () => emulated.upgrade(UNKNOWN_CLUSTER, "1.32.1-aliyun.1"),
  ];
  for (const call of calls) {
    const refusal = await expectRefusal(call, 404, "ErrorClusterNotFound");
    expectTrue(refusal.message.includes(UNKNOWN_CLUSTER), `the message ${refusal.message} does not name the cluster`);
  }
  expect("what its id finds", (await emulated.clusters({ clusterId: UNKNOWN_CLUSTER })).clusters ?? [], []);
});

checks.add("wrong secret: SignatureDoesNotMatch", async (emulated) => {
  const [keyId, secret] = emulated.key;
  const client = emulated.clientWith(keyId, `${secret}x`);
  const [cluster] = emulated.clusterIds;
  const refusal = await expectRefusal(() => client.getUpgradeStatus(cluster), 400, "SignatureDoesNotMatch");
  expectTrue(refusal.message.includes("ACS3-HMAC-SHA256"), `the message ${refusal.message} has no string to sign`);
  const start = () => emulated.upgrade(cluster, "1.32.1-aliyun.1", { client });
  await expectRefusal(start, 400, "SignatureDoesNotMatch");
});

checks.add("unknown access key: InvalidAccessKeyId.NotFound", async (emulated) => {
  const client = emulated.clientWith("unknownAccessKeyId", emulated.key[1]);
  await expectRefusal(() => client.describeClusterDetail(emulated.clusterIds[0]), 404, "InvalidAccessKeyId.NotFound");
});

checks.add("security token of another key: refused after its signature was accepted", async (emulated) => {
  const securityToken = "token+of/another==";
  const [cluster] = emulated.clusterIds;
  const client = emulated.clientWith(...emulated.key, { securityToken });
  const refused = () => client.describeClusterDetail(cluster);
  await expectRefusal(refused, 400, "InvalidSecurityToken.MismatchWithAccessKey");
  const wrong = emulated.clientWith(emulated.key[0], "wrong", { securityToken });
  await expectRefusal(() => wrong.describeClusterDetail(cluster), 400, "SignatureDoesNotMatch");
});

checks.add("upgrade to an impossible version: refused, cluster untouched", async (emulated) => {
  for (const clusterId of emulated.clusterIds) {
    const before = await emulated.detail(clusterId);
    for (const version of ["1.99.1-aliyun.1", before.currentVersion, "not a version"]) {
      const refusal = await expectRefusal(() => emulated.upgrade(clusterId, version), 400, "InvalidParameter");
      expectTrue(refusal.message.includes(version), `the message ${refusal.message} does not name the version`);
    }
    const after = await emulated.detail(clusterId);
    expect("the cluster", [after.state, after.currentVersion], ["running", before.currentVersion]);
  }
});

checks.add("UpgradeCluster starts upgrades", async (emulated) => {
  for (const clusterId of emulated.clusterIds) {
    const detail = await emulated.detail(clusterId);
    if (!detail.nextVersion) {
      continue;
    }
    // The first upgrade is of the control plane alone, so that the two values of masterOnly both travel.
    const masterOnly = emulated.upgrades.size === 0;
    const response = await emulated.upgrade(clusterId, detail.nextVersion, { masterOnly });
    const body = answered(response);
    expect("clusterId", body.clusterId, clusterId);
    expectTrue(body.taskId, "taskId is missing");
    expect("requestId", body.requestId, response.headers["x-acs-request-id"]);
    const upgrade = new Upgrade(body.taskId, detail.currentVersion, detail.nextVersion, masterOnly);
    emulated.upgrades.set(clusterId, upgrade);
    upgrade.note((await emulated.status(clusterId)).upgradeStep);
    expect(`the steps of ${clusterId} right after the start`, upgrade.steps, ["prechecking"]);
  }
  expectTrue(emulated.upgrades.size > 0, "no cluster has a nextVersion");
});

checks.add("second start: refused", async (emulated) => {
  for (const [clusterId, upgrade] of emulated.upgrades) {
    const refusal = await expectRefusal(() => emulated.upgrade(clusterId, upgrade.target), 400, "ErrorClusterState");
    expectTrue(refusal.message.includes(clusterId), `the message ${refusal.message} does not name the cluster`);
    expect("the number of tasks", (await emulated.tasks(clusterId)).pageInfo.totalCount, 1);
  }
});

checks.add("DescribeTaskInfo of a running upgrade", async (emulated) => {
  for (const [clusterId, upgrade] of emulated.upgrades) {
    const task = await emulated.task(upgrade.taskId);
    expect("the ids", [task.taskId, task.clusterId], [upgrade.taskId, clusterId]);
    expect("type and state", [task.taskType, task.state], ["cluster_upgrade", "running"]);
    expect("target", [task.target.type, task.target.id], ["cluster", clusterId]);
    expect("next_version in parameters", task.parameters.next_version, upgrade.target);
    expect("master_only in parameters", task.parameters.master_only, upgrade.masterOnly);
    expectTrue(task.currentStage, "currentStage is missing");
    expect("the state of the last stage", task.stages.at(-1).state, "running");
    expectTrue(task.events.every((e) => /^\d+$/.test(e.timestamp)), "an event has a timestamp that is not a number");
    expectTrue(!task.error, "there is an error");
    expectTime("created", task.created);
    expectTime("updated", task.updated);
  }
});

checks.add("upgrades go through prechecking and upgrading to success", async (emulated) => {
  const deadline = performance.now() + UPGRADE_LIMIT;
  while (![...emulated.upgrades.values()].every((upgrade) => upgrade.isSettled)) {
    if (performance.now() > deadline) {
      throw new Unexpected(`after ${UPGRADE_LIMIT / 1000} s some of these upgrades still go on: ${[...emulated.upgrades.keys()]}`);
    }
    for (const [clusterId, upgrade] of emulated.upgrades) {
      await lookAt(emulated, clusterId, upgrade);
    }
    await sleep(POLL_INTERVAL);
  }
  for (const [clusterId, upgrade] of emulated.upgrades) {
    expect(`the steps of ${clusterId}`, upgrade.steps, ["prechecking", "upgrading", "success"]);
  }
});

checks.add("after an upgrade: task and status tell of success", async (emulated) => {
  for (const [clusterId, upgrade] of emulated.upgrades) {
    const task = await emulated.task(upgrade.taskId);
    expect("state of the task", task.state, "success");
    expect("the states of its stages", [...new Set(task.stages.map((stage) => stage.state))], ["success"]);
    expectTrue(task.stages.every((stage) => stage.startTime && stage.endTime), "a stage lacks a time");
    expect("the results", task.taskResult.map((result) => result.status), ["success"]);
    const status = await emulated.status(clusterId);
    expect("status", [status.upgradeStep, status.status, status.upgradeTask.status], ["success", "success", "Success"]);
    expectTrue(!status.errorMessage, `errorMessage is ${status.errorMessage}`);
    const tasks = await emulated.tasks(clusterId, { pageNumber: 1, pageSize: 5 });
    expect("the tasks", tasks.tasks.map((t) => [t.taskId, t.state]), [[upgrade.taskId, "success"]]);
    const { pageNumber, pageSize, totalCount } = tasks.pageInfo;
    expect("pageInfo", [pageNumber, pageSize, totalCount], [1, 5, 1]);
    expectTrue(tasks.requestId, "DescribeClusterTasks gives no request id");
  }
});

checks.add("after an upgrade: clusters run at the target version", async (emulated) => {
  for (const [clusterId, upgrade] of emulated.upgrades) {
    const detail = await emulated.detail(clusterId);
    expect(clusterId, [detail.state, detail.currentVersion], ["running", upgrade.target]);
    expect("initVersion", detail.initVersion, upgrade.source);
    expectTrue(detail.nextVersion !== upgrade.target, "nextVersion is the version the cluster has");
    const [listed] = (await emulated.clusters({ clusterId })).clusters;
    expect("the cluster in the list", [listed.state, listed.currentVersion], ["running", upgrade.target]);
  }
});

faults.addChecks(checks);

/** Polls one upgrade. Time goes on between the calls, so what a later one says may only be further on. */
async function lookAt(emulated, clusterId, upgrade) {
  const task = await emulated.task(upgrade.taskId);
  expectTrue(["running", "success"].includes(task.state), `the task is ${task.state}: ${task.error?.message}`);
  const status = await emulated.status(clusterId);
  upgrade.note(status.upgradeStep);
  const wanted = status.upgradeStep === "success" ? "success" : "running";
  expect(`status at ${status.upgradeStep}`, status.status, wanted);
  if (task.state === "success") {
    expect("upgradeStep after the task has succeeded", status.upgradeStep, "success");
  }
  if (status.upgradeStep === "upgrading") {
    expect("status of upgradeTask", status.upgradeTask.status, "running");
  }
  const detail = await emulated.detail(clusterId);
  // The new version may not show before the cluster runs again.
  const version = detail.state === "running" ? upgrade.target : upgrade.source;
  expect(`currentVersion while ${detail.state}`, detail.currentVersion, version);
  if (detail.state === "running") {
    expect("upgradeStep once the cluster runs", (await emulated.status(clusterId)).upgradeStep, "success");
    upgrade.note("success");
    upgrade.isSettled = true;
  } else {
    expect("state of the cluster", detail.state, "upgrading");
  }
}

async function main() {
  const text = process.env[ANNOUNCEMENT];
  if (!text) {
    console.error(`${ANNOUNCEMENT} is not set; put the line into it that \`ackctl emulator\` prints`);
    return 2;
  }
  return (await checks.run(new Emulated(JSON.parse(text)))) ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(2);
  },
);
