import type { Sandbox } from "../sandbox.ts";
import type { World } from "../world.ts";
import type { HighLevelLocation, HighLevelToken } from "../world-types.ts";
import { HighLevelRefusal, refuseFields, refuseLocation } from "./errors.ts";

/** One authenticated call, as the routes see it. */
export type HighLevelCall = {
  sandbox: Sandbox;
  world: World;
  nowMs: number;
  token: HighLevelToken;
  /** The location this token belongs to. */
  location: HighLevelLocation;
  version: string;
  params: Record<string, string>;
  body: unknown;
  queryNames: string[];
  query(name: string): string | undefined;
};

export type HighLevelAnswer = { status?: number; body: Record<string, unknown> };
export type HighLevelHandler = (call: HighLevelCall) => HighLevelAnswer;

/** A token reaches its own location only. */
export function requireLocation(call: HighLevelCall, locationId: string | undefined): void {
  if (locationId === undefined)
    throw refuseFields(["locationId should not be empty", "locationId must be a string"]);
  if (locationId !== call.location.id) throw refuseLocation();
}

/** Parameters nobody asked for are refused, so that no decoration can be added to a call. */
export function refuseOtherQuery(call: HighLevelCall, allowed: string[]): void {
  const others = call.queryNames.filter((name) => !allowed.includes(name));
  if (others.length > 0) throw refuseFields(others.map((name) => `property ${name} should not exist`));
}

export function refuseText(message: string): HighLevelRefusal {
  return new HighLevelRefusal(422, { message, error: "Unprocessable Entity" });
}
