import type { Router } from "express";
import { z } from "zod";
import type { Answer } from "../answer-once.ts";
import type { Endpoint } from "../endpoint.ts";
import type { Caller } from "../find-caller.ts";
import { readBody, readQuery } from "../read-input.ts";

type Call<Q, B> = { caller: Caller; params: Record<string, unknown>; query: Q; body: B };

type Input<Q extends z.ZodObject, B extends z.ZodType> = {
  /** What it does, in a few words. */
  summary: string;
  query?: Q;
  body?: B;
  /** What the body looks like where its items are checked one by one and `body` says less. */
  describedBody?: z.ZodType;
  /** Statuses of success, with what each means. */
  answers: Record<number, string>;
  /** What the body of each of them looks like, as JSON. */
  answer: z.ZodType;
};

export type RouteDescription = {
  method: "get" | "post";
  path: string;
  summary: string;
  query: z.ZodObject;
  body: z.ZodType | null;
  answers: Record<number, string>;
  answer: z.ZodType;
};

const NOTHING = z.strictObject({});

/**
 * Mounts endpoints together with their descriptions: a route that is there is described, and the schema that reads its
 * input is the one that describes it.
 */
export function createApiRoutes(router: Router, endpoint: Endpoint<Caller>) {
  const descriptions: RouteDescription[] = [];

  function mount<Q extends z.ZodObject, B extends z.ZodType>(
    method: "get" | "post",
    path: string,
    input: Input<Q, B>,
    handle: (call: Call<z.output<Q>, z.output<B>>) => Promise<Answer>,
  ): void {
    const query = input.query ?? NOTHING;
    const body = method === "post" ? (input.body ?? NOTHING) : null;
    const { summary, describedBody, answers, answer } = input;
    descriptions.push({ method, path, summary, query, body: describedBody ?? body, answers, answer });
    router[method](
      path,
      endpoint(({ caller, params, ...raw }) =>
        handle({
          caller,
          params,
          // Where no schema was given, the type says so: an empty object.
          query: readQuery(query, raw.query) as z.output<Q>,
          body: (body === null
            ? undefined
            : readBody(body, raw.body, { isCheckedByItem: describedBody !== undefined })) as z.output<B>,
        }),
      ),
    );
  }

  return {
    descriptions,
    get: <Q extends z.ZodObject>(
      path: string,
      input: Omit<Input<Q, z.ZodType>, "body" | "describedBody">,
      handle: (call: Call<z.output<Q>, undefined>) => Promise<Answer>,
    ) => mount<Q, z.ZodUndefined>("get", path, input, handle),
    post: <B extends z.ZodType>(
      path: string,
      input: Input<z.ZodObject, B>,
      handle: (call: Call<unknown, z.output<B>>) => Promise<Answer>,
    ) => mount<z.ZodObject, B>("post", path, input, handle),
  };
}

export type ApiRoutes = ReturnType<typeof createApiRoutes>;
