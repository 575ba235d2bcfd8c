"use strict";
// What a check can demand, and the runner that prints how the checks went.

const { isDeepStrictEqual, inspect } = require("node:util");

/** Something is not as a check demands; the text says what. */
class Unexpected extends Error {}

/** Checks in the order of their definition; each may rely on what those before it left in the subject. */
class Checks {
  #checks = [];

  add(name, check) {
    this.#checks.push([name, check]);
  }

  /** Runs every check, prints a line for each and the counts, and tells whether all passed. */
  async run(subject) {
    let failed = 0;
    for (const [name, check] of this.#checks) {
      try {
        await check(subject);
        console.log(`ok ${name}`);
      } catch (error) {
        // The SDK throws whatever its HTTP library throws; the checks that follow must still run.
        failed += 1;
        const text = error instanceof Unexpected ? error.message : `${error?.name}: ${error?.message}`;
        console.log(`FAILED ${name}: ${oneLine(text)}`);
      }
    }
    console.log(`${this.#checks.length - failed} passed, ${failed} failed`);
    return failed === 0;
  }
}

/** Demands that a value is the wanted one. */
function expect(what, actual, wanted) {
  if (!isDeepStrictEqual(actual, wanted)) {
    throw new Unexpected(`${what} is ${inspect(actual)}, not ${inspect(wanted)}`);
  }
}

/** Demands that a condition holds. */
function expectTrue(condition, problem) {
  if (!condition) {
    throw new Unexpected(problem);
  }
}

/** Demands that the service refuses a call, and gives the error that the SDK made of it. */
async function expectRefusal(call, status, code) {
  let answer;
  try {
    answer = await call();
  } catch (error) {
    expect("the name of the error", error.name, "ClientError");
    expect("status and code", [error.statusCode, error.code], [status, code]);
    // Where an answer has no request id, the SDK writes the text "undefined".
    expectTrue(/request id: [0-9A-F-]{36}/.test(error.message), `the message ${inspect(error.message)} has no request id`);
    return error;
  }
  throw new Unexpected(`the call was answered with ${answer.statusCode}, not refused with ${status} ${code}`);
}

/** Demands RFC 3339 with an offset. */
function expectTime(what, text) {
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/.test(text ?? "");
  expectTrue(isTime && !Number.isNaN(Date.parse(text)), `${what} is ${inspect(text)}, not a time with an offset`);
}

function oneLine(text) {
  return String(text).split(/\s+/).join(" ");
}

module.exports = { Checks, Unexpected, expect, expectTrue, expectRefusal, expectTime };
