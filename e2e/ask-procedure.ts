import { readFile } from "node:fs/promises";
import { appRouter } from "#server/api/router.ts";
import { type Person, sessionFile } from "./demo-people.ts";

/** The answer of one procedure: its data, or the code of its refusal. */
export type ProcedureAnswer = { code: string; data: unknown };

/** Calls a procedure with somebody's cookie and nothing else, past the console and what it hides. */
export async function askProcedure(
  who: Person | "stranger",
  path: string,
  input: Record<string, unknown>,
): Promise<ProcedureAnswer> {
  // The router lists its procedures by path, each with its own word for what kind of call it is.
  const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;
  const isChange = procedures[path]?._def.type === "mutation";
  const url = `${process.env.E2E_URL}/api/trpc/${path}`;
  const text = JSON.stringify(input);
  const headers = { cookie: await readCookies(who), "content-type": "application/json" };
  const response = await (isChange
    ? fetch(url, { method: "POST", headers, body: text })
    : fetch(`${url}?input=${encodeURIComponent(text)}`, { headers }));
  const answer = await response.json();
  return response.ok
    ? { code: "OK", data: answer.result.data }
    : { code: answer.error.data.code, data: answer.error };
}

async function readCookies(who: Person | "stranger"): Promise<string> {
  if (who === "stranger") return "";
  const { cookies }: { cookies: { name: string; value: string }[] } = JSON.parse(
    await readFile(sessionFile(who), "utf8"),
  );
  return cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
}
