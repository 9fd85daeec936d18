/**
 * A node of a spec's own, started from the binary that `BAILIWICK_BINARY` names: it is stopped and started again as no node of the demo
 * may be, and nothing of it is left afterwards.
 */
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { noDemo, slow } from "./demo.mjs";

const binary = process.env.BAILIWICK_BINARY;

/** Set when no node can be started, or there is no demo: the reason, for `skip`. */
export const noNode = noDemo || (binary ? false : "BAILIWICK_BINARY does not name the binary");

const START_MS = slow ? 120_000 : 60_000;
const STOP_MS = 20_000;

/** A node in a folder of its own, over TLS with a certificate of its own making. */
export class OwnNode {
  #data = mkdtempSync(join(tmpdir(), "bailiwick-node-"));
  #process = null;
  #said = "";
  /** Where it listens; the same after each start. */
  url = null;
  /** SHA-256 of its certificate. */
  fingerprint = null;

  /** Starts it, unless it runs, and waits until it listens. */
  async start() {
    if (this.#process) return;
    this.#said = "";
    const listen = this.url?.host ?? "127.0.0.1:0";
    const own = spawn(binary, ["node", "--data", this.#data, "--listen", listen, "--tls", "--region", "walk"]);
    this.#process = own;
    own.on("exit", () => {
      if (this.#process === own) this.#process = null;
    });
    for (const stream of [own.stdout, own.stderr]) stream.on("data", (bytes) => (this.#said += bytes));
    const end = Date.now() + START_MS;
    for (;;) {
      const [, url] = /listens on (https:\S+)/.exec(this.#said) ?? [];
      const [, fingerprint] = /SHA-256 ([0-9a-f]{64})\b/.exec(this.#said) ?? [];
      if (url && fingerprint) {
        this.url = new URL(url);
        this.fingerprint = fingerprint;
        return;
      }
      assert.ok(this.#process, `the node ended: ${this.#said}`);
      assert.ok(Date.now() < end, `the node did not start: ${this.#said}`);
      await sleep(100);
    }
  }

  /** Stops it, and waits until it is gone. */
  async stop() {
    const own = this.#process;
    if (!own) return;
    const gone = new Promise((resolve) => own.once("exit", resolve));
    own.kill("SIGTERM");
    const hard = setTimeout(() => own.kill("SIGKILL"), STOP_MS);
    await gone;
    clearTimeout(hard);
  }

  /** Makes a workspace; the address at which its administrator sets a password. */
  async addWorkspace(name, admin) {
    const made = await promisify(execFile)(binary, [
      ...["node", "workspace", "add", "--data", this.#data, "--admin", admin, name],
    ]);
    const [link] = /https:\S+/.exec(made.stdout) ?? [];
    assert.ok(link, made.stdout);
    return link;
  }

  async remove() {
    await this.stop();
    rmSync(this.#data, { recursive: true, force: true });
  }
}
