import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createSecretBox, createToken, deriveKey, hashToken, isSameSecret } from "./secrets.ts";

const box = createSecretBox("a secret of at least thirty-two characters");

describe("secret box", () => {
  test("opens what it sealed, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(box.open(box.seal(text))).toBe(Buffer.from(text, "utf8").toString("utf8"));
      }),
    );
  });

  test("seals the same text differently each time", () => {
    expect(box.seal("pat-123")).not.toBe(box.seal("pat-123"));
  });

  test.each([
    ["another secret", createSecretBox("some other secret of enough characters").seal("pat-123")],
    ["an unknown version", box.seal("pat-123").replace("v1.", "v9.")],
    ["a cut text", box.seal("pat-123").slice(0, -4)],
    ["nothing at all", ""],
  ])("refuses %s", (_, sealed) => {
    expect(() => box.open(sealed)).toThrowError(expect.objectContaining({ code: "secret_unreadable" }));
  });

  test("refuses a text with one altered byte", () => {
    const sealed = box.seal("pat-123");
    const bytes = Buffer.from(sealed.slice(3), "base64url");
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    expect(() => box.open(`v1.${bytes.toString("base64url")}`)).toThrow();
  });
});

test("derives a different key for each purpose, the same one each time", () => {
  expect(deriveKey("s", "a")).toEqual(deriveKey("s", "a"));
  expect(deriveKey("s", "a")).not.toEqual(deriveKey("s", "b"));
});

test.each([
  ["abc", "abc", true],
  ["abc", "abd", false],
  ["abc", "abcd", false],
  ["", "", true],
])("compares %j with %j as %s", (given, expected, verdict) => {
  expect(isSameSecret(given, expected)).toBe(verdict);
});

test("makes tokens that differ and hashes them the same way each time", () => {
  const token = createToken();
  expect(token).toMatch(/^[\w-]{43}$/);
  expect(createToken()).not.toBe(token);
  expect(hashToken(token)).toBe(hashToken(token));
  expect(hashToken(token)).not.toContain(token);
});
