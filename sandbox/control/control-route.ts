import type { Request, Router } from "express";
import * as z from "zod";
import { ActRefused } from "../calendly/acts.ts";
import type { Sandbox } from "../sandbox.ts";
import { ControlError } from "./control-error.ts";

type Method = "get" | "post" | "delete";

/** What a control handler is given: the checked body, and the parameters of the path and the query. */
export type ControlCall<Body> = {
  sandbox: Sandbox;
  body: Body;
  params: Record<string, string>;
  query(name: string): string | undefined;
};

/**
 * Adds one route of the control API: the body is checked against the schema, the answer is sent as JSON, and a
 * world that may have changed is saved.
 */
export function addControlRoute<T extends z.ZodType>(
  router: Router,
  sandbox: Sandbox,
  method: Method,
  path: string,
  schema: T,
  handle: (call: ControlCall<z.infer<T>>) => unknown,
): void {
  router[method](path, async (request, response) => {
    try {
      const parsed = schema.safeParse(request.body ?? {});
      if (response.locals.isBodyBroken || !parsed.success) {
        throw new ControlError(400, "bad_body", "The body does not fit this call.", parsed.error?.issues);
      }
      const answer = await handle({
        sandbox,
        body: parsed.data,
        params: request.params as Record<string, string>,
        query: (name) => readQuery(request, name),
      });
      if (method !== "get") sandbox.changed();
      response.json(answer ?? { ok: true });
    } catch (error) {
      if (error instanceof ControlError) {
        const { code, message, details } = error;
        response.status(error.status).json({ error: { code, message, details } });
      } else if (error instanceof ActRefused) {
        response.status(409).json({ error: { code: "act_refused", message: error.message } });
      } else throw error;
    }
  });
}

export const noBody = z.unknown();

function readQuery(request: Request, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}
