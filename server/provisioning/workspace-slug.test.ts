import { expect, it } from "vitest";
import { buildSlug } from "./workspace-slug.ts";

it.each([
  ["Northwind Growth", [], "northwind-growth"],
  ["Señor Müller & Söhne", [], "senor-muller-sohne"],
  ["Dana's", [], "danas"],
  ["All", [], "all-2"],
  ["株式会社", [], "workspace"],
  ["Harbor", ["harbor", "harbor-2"], "harbor-3"],
])("makes an address of %s beside %s", (name, taken, slug) => {
  expect(buildSlug(name, new Set(taken))).toBe(slug);
});
