import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { readPublicKeys, verifyHighLevelSignature } from "./signature.ts";

const ours = generateKeyPairSync("ed25519");
const other = generateKeyPairSync("ed25519");
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const der = (pair: typeof ours) => pair.publicKey.export({ format: "der", type: "spki" }).toString("base64");
const pem = (pair: typeof ours) => pair.publicKey.export({ format: "pem", type: "spki" }).toString();

const rawBody = Buffer.from('{"type":"AppointmentUpdate", "locationId":"L1"}');
const signature = sign(null, rawBody, ours.privateKey).toString("base64");

function check(changes: Partial<Parameters<typeof verifyHighLevelSignature>[0]> = {}) {
  return verifyHighLevelSignature({ header: signature, rawBody, keys: [ours.publicKey], ...changes });
}

describe("R35: a marketplace delivery is believed by its signature alone", () => {
  test("over the bytes as received", () => {
    expect(check()).toEqual({ verdict: "valid", keyIndex: 0 });
  });

  test("while a key is changed, either counts and it is known which", () => {
    expect(check({ keys: [other.publicKey, ours.publicKey] })).toEqual({ verdict: "valid", keyIndex: 1 });
  });

  test.each<[string, Parameters<typeof check>[0], string]>([
    ["without a configured key nothing is", { keys: [] }, "no_key"],
    ["without a header", { header: undefined }, "missing"],
    ["with an empty one", { header: "  " }, "missing"],
    ["with the words that stand for no signature", { header: "N/A" }, "missing"],
    ["with something that is no signature", { header: "bm9uc2Vuc2U=" }, "malformed"],
    ["signed by another key", { keys: [other.publicKey] }, "wrong"],
    ["with one byte more", { rawBody: Buffer.concat([rawBody, Buffer.from(" ")]) }, "wrong"],
    [
      "written anew from the same JSON",
      { rawBody: Buffer.from(JSON.stringify(JSON.parse(rawBody.toString()))) },
      "wrong",
    ],
  ])("%s it is refused", (_sentence, changes, reason) => {
    expect(check(changes)).toEqual({ verdict: "refused", reason });
  });
});

describe("the configured key", () => {
  test.each<[string, string | null, number]>([
    ["in base64", der(ours), 1],
    ["as PEM", pem(ours), 1],
    ["two of them, with a comma", `${der(ours)}, ${der(other)}`, 2],
    ["the one that HighLevel publishes", "MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=", 1],
    ["absent", null, 0],
    ["empty", "", 0],
    ["something else", "not a key", 0],
    ["an RSA key", rsa.publicKey.export({ format: "pem", type: "spki" }).toString(), 0],
  ])("%s", (_sentence, text, count) => {
    expect(readPublicKeys(text)).toHaveLength(count);
  });
});
