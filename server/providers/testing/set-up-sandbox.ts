import { afterAll, beforeAll } from "vitest";
import { rememberPersonalOf } from "#server/testing/personal-values.ts";
import { type RunningSandbox, startSandbox } from "../../../sandbox/start-sandbox.ts";

/** A sandbox with an empty world for the test file that calls this, and the way to its control API. */
export function setUpSandbox() {
  let running: RunningSandbox | undefined;
  const get = () => {
    if (!running) throw new Error("The sandbox exists only while tests and their hooks run.");
    return running;
  };
  beforeAll(async () => {
    running = await startSandbox({ port: 0 });
  });
  afterAll(() => running?.close());
  return {
    get url() {
      return get().url;
    },
    /** Fails the test when the sandbox refuses. The answer's shape is for the caller to know. */
    // biome-ignore lint/suspicious/noExplicitAny: a test reads a few fields of many different answers
    async control(path: string, body: unknown = {}, method = "POST"): Promise<any> {
      const response = await fetch(`${get().url}/control${path}`, {
        method,
        headers: { "content-type": "application/json" },
        body: method === "POST" ? JSON.stringify(body) : undefined,
      });
      const answer = await response.json();
      rememberPersonalOf(body);
      rememberPersonalOf(answer);
      if (!response.ok) throw new Error(`control ${path}: ${JSON.stringify(answer)}`);
      return answer;
    },
  };
}
