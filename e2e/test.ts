import { test as base, expect, type Page } from "@playwright/test";
import { type Person, sessionFile } from "./demo-people.ts";

export { expect, type Page };

type Options = {
  /** Who sits at the browser; null is a stranger. */
  as: Person | null;
  /** Messages on the browser's console that belong to what this test does. */
  expectedNoise: RegExp[];
};

type Fixtures = { quietConsole: undefined; slowProcessor: undefined };

/** How many times slower the browser's processor is pretended to be: `E2E_SLOWDOWN=4 npm run test:browser`. */
const SLOWDOWN = Number(process.env.E2E_SLOWDOWN ?? 1);

/** A refused call that the test provokes is reported by the browser itself; nothing of ours is in it. */
const ALWAYS_FINE = [/ERR_ABORTED/];

export const test = base.extend<Options & Fixtures>({
  as: ["ops", { option: true }],
  expectedNoise: [[], { option: true }],
  storageState: ({ as }, use) => use(as ? sessionFile(as) : undefined),
  slowProcessor: [
    async ({ page }, use) => {
      if (SLOWDOWN > 1) {
        const session = await page.context().newCDPSession(page);
        await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWDOWN });
      }
      await use(undefined);
    },
    { auto: true },
  ],
  /** An error on the console is a fault, even where everything looks right. */
  quietConsole: [
    async ({ page, expectedNoise }, use) => {
      const faults: string[] = [];
      const note = (text: string) => {
        if (![...ALWAYS_FINE, ...expectedNoise].some((fine) => fine.test(text))) faults.push(text);
      };
      page.on("console", (message) => message.type() === "error" && note(message.text()));
      page.on("pageerror", (error) => note(String(error)));
      await use(undefined);
      expect(faults, "errors on the browser's console").toEqual([]);
    },
    { auto: true },
  ],
});
