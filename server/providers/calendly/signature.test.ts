import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addMs, HOUR_MS, MINUTE_MS, SECOND_MS } from "#server/lib/duration.ts";
import { parseSignatureHeader, verifyCalendlySignature } from "./signature.ts";

const NOW = new Date("2026-11-20T12:00:00Z");
const BODY = Buffer.from('{"event":"invitee.created", "é": "raw bytes count"}');
const KEY = "current-key";

function sign(sentAt: Date, key = KEY, body: Buffer | string = BODY): string {
  const t = Math.floor(sentAt.getTime() / SECOND_MS);
  return `t=${t},v1=${createHmac("sha256", key).update(`${t}.`).update(body).digest("hex")}`;
}

function verify(header: string | undefined, options: { keys?: string[]; now?: Date; rawBody?: Buffer } = {}) {
  const facts = { header, rawBody: BODY, keys: [KEY], now: NOW, toleranceMs: 3 * MINUTE_MS };
  return verifyCalendlySignature({ ...facts, ...options });
}

describe("R34: when a delivery is believed", () => {
  test.each([
    ["just sent", 0, "valid"],
    ["three minutes old", 3 * MINUTE_MS, "valid"],
    ["a second more", 3 * MINUTE_MS + SECOND_MS, "late"],
    ["25 hours old", 25 * HOUR_MS, "late"],
    ["a second more than that", 25 * HOUR_MS + SECOND_MS, "refused"],
    ["from three minutes ahead", -3 * MINUTE_MS, "valid"],
    ["from further ahead", -3 * MINUTE_MS - SECOND_MS, "refused"],
  ])("%s", (_sentence, ageMs, verdict) => {
    expect(verify(sign(addMs(NOW, -ageMs)))).toMatchObject({ verdict });
  });

  test("tells which key matched while two are accepted", () => {
    const header = sign(NOW, "old-key");
    expect(verify(header, { keys: [KEY, "old-key"] })).toEqual({ verdict: "valid", keyIndex: 1 });
    expect(verify(header, { keys: [KEY] })).toEqual({ verdict: "refused", reason: "wrong" });
  });

  test("refuses without a key, whatever the header says", () => {
    expect(verify(sign(NOW, ""), { keys: [] })).toEqual({ verdict: "refused", reason: "no_key" });
  });

  test("refuses the same JSON in other bytes", () => {
    const rewritten = Buffer.from(JSON.stringify(JSON.parse(BODY.toString())));
    expect(verify(sign(NOW), { rawBody: rewritten })).toEqual({ verdict: "refused", reason: "wrong" });
  });

  test("refuses a time that was changed after signing", () => {
    const stale = sign(addMs(NOW, -48 * HOUR_MS));
    const refreshed = stale.replace(/t=\d+/, `t=${NOW.getTime() / SECOND_MS}`);
    expect(verify(refreshed)).toEqual({ verdict: "refused", reason: "wrong" });
  });
});

describe("reading the header", () => {
  const hex = "a".repeat(64);
  test.each([
    ["missing", undefined, "missing"],
    ["empty", "  ", "missing"],
    ["no time", `v1=${hex}`, "malformed"],
    ["no signature", "t=1763640000", "malformed"],
    ["a short signature", "t=1763640000,v1=abc", "malformed"],
    ["capital hex", `t=1763640000,v1=${"A".repeat(64)}`, "malformed"],
    ["an unknown scheme", `t=1763640000,v0=${hex}`, "malformed"],
    ["two times", `t=1763640000,t=1763640001,v1=${hex}`, "malformed"],
    ["a negative time", `t=-1,v1=${hex}`, "malformed"],
    ["a fraction", `t=1763640000.5,v1=${hex}`, "malformed"],
    ["a wrong signature", `t=1763640000,v1=${hex}`, "wrong"],
  ])("refuses: %s", (_sentence, header, reason) => {
    expect(verify(header)).toEqual({ verdict: "refused", reason });
  });

  test("skips parts it does not know and splits on the first equals sign", () => {
    expect(verify(`x=1=2,,${sign(NOW)},v9=zz`)).toMatchObject({ verdict: "valid" });
  });

  test("takes any of several signatures", () => {
    expect(verify(`${sign(NOW)},v1=${hex}`)).toMatchObject({ verdict: "valid" });
    expect(verify(sign(NOW).replace(",v1=", `,v1=${hex},v1=`))).toMatchObject({ verdict: "valid" });
  });

  test("never throws, and no random header passes", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        parseSignatureHeader(header);
        expect(verify(header).verdict).toBe("refused");
      }),
    );
  });

  test("any body and key verify with their own signature only", () => {
    const bytes = fc.uint8Array().map((array) => Buffer.from(array));
    fc.assert(
      fc.property(bytes, fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (rawBody, key, other) => {
        const header = sign(NOW, key, rawBody);
        expect(verify(header, { rawBody, keys: [key] }).verdict).toBe("valid");
        if (key !== other) expect(verify(header, { rawBody, keys: [other] }).verdict).toBe("refused");
      }),
    );
  });
});
