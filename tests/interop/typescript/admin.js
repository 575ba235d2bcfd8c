"use strict";
// The admin calls of an emulator, with nothing but what node brings along.

// Longer than any admin call takes, in milliseconds.
const LIMIT = 10_000;

class Admin {
  constructor(endpoint) {
    this.endpoint = endpoint;
  }

  async help() {
    return this.#call("GET", "");
  }

  async inject(...faults) {
    return (await this.#call("POST", "/faults", faults)).ids;
  }

  async faults() {
    return this.#call("GET", "/faults");
  }

  async advance(time) {
    await this.#call("POST", "/clock", { advance: time });
  }

  async requests(operation) {
    return this.#call("GET", `/requests?operation=${operation}`);
  }

  /** How many requests of an operation there were, and how many were carried out. */
  async counts(operation) {
    const count = (await this.#call("GET", "/counts"))[operation] ?? { requests: 0, accepted: 0 };
    return [count.requests, count.accepted];
  }

  async clusters() {
    return this.#call("GET", "/clusters");
  }

  async reset() {
    await this.#call("POST", "/reset");
  }

  async #call(method, path, body) {
    const response = await fetch(`${this.endpoint}/_emulator${path}`, {
      method,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(LIMIT),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} /_emulator${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : null;
  }
}

module.exports = { Admin };
