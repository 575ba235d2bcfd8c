"use strict";
// Every fault of the emulator, reached by admin calls, and what the SDK makes of it.
//
// The scenarios and what each SDK is known to make of them stand in faults.json, which the checks in Python read too.

const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const { Admin } = require("./admin");
const { expect, expectTrue } = require("./expectations");

// How long the SDK waits for bytes, in milliseconds: more than an answer takes on a busy machine, and less than the faults
// that drag on.
const READ_TIMEOUT = 1_500;

const VERSION = "1.32.1-aliyun.1";

/** Adds a check for each scenario, and some for what goes beyond a single fault. */
function addChecks(checks) {
  const { scenarios } = JSON.parse(readFileSync(join(__dirname, "../faults.json"), "utf8"));
  for (const scenario of scenarios) {
    const name = `fault ${JSON.stringify(scenario.fault)} in ${scenario.call}: ${scenario.typescript}`;
    checks.add(name, (emulated) => strike(emulated, scenario));
  }

  checks.add("every fault of the emulator is among those", async (emulated) => {
    const known = (await new Admin(emulated.endpoint).help()).faults.map((fault) => fault.name);
    const struck = new Set(scenarios.map((scenario) => scenario.fault.fault));
    expect("the set of faults", [...struck].sort(), known.sort());
  });

  checks.add("faults wait in a queue and strike what they are for", async (emulated) => {
    const { admin, client } = await prepared(emulated);
    const [first, second] = emulated.clusterIds;
    await admin.inject(
      { fault: "throttle", cluster: second, skip: 1, times: 1 },
      { fault: "server-error", operation: "GetUpgradeStatus", times: 2 },
      { fault: "expired-token", format: "xml" },
    );
    const seen = [];
    for (const cluster of [first, second, second, first]) {
      seen.push(await outcome(() => client.getUpgradeStatus(cluster)));
    }
    expect("what is seen", seen, [
      "ServerError 500 InternalError",
      "ServerError 500 InternalError",
      "ThrottlingError 400 Throttling.User",
      "answered not_start",
    ]);
    const faults = await admin.faults();
    expect("how often each has struck", faults.map((fault) => fault.struck), [1, 2, 0]);
    expect("which have struck their last", faults.map((fault) => fault.is_over), [true, true, false]);
  });

  checks.add("a start whose reply is lost is found again by admin call and by the API", async (emulated) => {
    const { admin } = await prepared(emulated);
    const [cluster] = emulated.clusterIds;
    await admin.inject({ fault: "lost-reply", operation: "UpgradeCluster", times: 1 });
    const seen = await outcome(() => emulated.upgrade(cluster, VERSION));
    expectTrue(!seen.startsWith("answered"), `the lost reply is seen as ${seen}`);
    const request = (await admin.requests("UpgradeCluster")).at(-1);
    expect("what is recorded", [request.is_accepted, request.fault.name], [true, "lost-reply"]);
    const [task] = (await emulated.tasks(cluster)).tasks;
    const listed = (await admin.clusters()).find(({ id }) => id === cluster);
    expect("the cluster", [listed.state, listed.task_id], ["upgrading", task.taskId]);
    expect("a second start", await outcome(() => emulated.upgrade(cluster, VERSION)), "ClientError 400 ErrorClusterState");
    expect("requests and accepted ones", await admin.counts("UpgradeCluster"), [2, 1]);
    await admin.advance("1h");
    const detail = await emulated.detail(cluster);
    expect("the cluster in the end", [detail.state, detail.currentVersion], ["running", VERSION]);
  });
}

/** Lets one fault strike one call of a fresh emulator. */
async function strike(emulated, scenario) {
  const { admin, client } = await prepared(emulated);
  const [cluster] = emulated.clusterIds;
  const fault = JSON.parse(JSON.stringify(scenario.fault).replaceAll("{endpoint}", emulated.endpoint));
  await admin.inject({ ...fault, operation: scenario.call, times: 1 });
  const call =
    scenario.call === "UpgradeCluster"
      ? () => emulated.upgrade(cluster, VERSION, { client })
      : () => client.getUpgradeStatus(cluster);
  expect("what the SDK makes of it", await outcome(call), scenario.typescript);
  const wanted = [scenario.requests?.typescript ?? 1, scenario.accepted];
  expect("requests and accepted ones", await admin.counts(scenario.call), wanted);
  const [injected] = await admin.faults();
  expect("how often the fault has struck", [injected.struck, injected.is_over], [1, true]);
}

/** The emulator as it was at the start, and a client of little patience. */
async function prepared(emulated) {
  const admin = new Admin(emulated.endpoint);
  await admin.reset();
  return { admin, client: emulated.clientWith(...emulated.key, { readTimeout: READ_TIMEOUT }) };
}

/** What the SDK makes of an answer, in a few words. */
async function outcome(call) {
  let response;
  try {
    response = await call();
  } catch (error) {
    const status = [error.statusCode, error.code].filter((part) => part !== undefined);
    const hint = error.retryAfter ? `, retry after ${error.retryAfter} ms` : "";
    return [error.name, ...status].join(" ") + hint;
  }
  const body = response.body;
  if (!body) {
    return "answered, body lost";
  }
  if (body.upgradeStep) {
    return `answered ${body.upgradeStep}`;
  }
  return `answered with task ${Boolean(body.taskId)}`;
}

module.exports = { addChecks };
