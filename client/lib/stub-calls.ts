import { vi } from "vitest";

type Call = { path: string; answer: (data: unknown) => void; refuse: (message: string) => void };

/** Stands in for the server in a test: every call waits until the test answers it, in whatever order it likes. */
export function stubCalls(): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", (input: URL | string) => {
    const path = /trpc\/([^?]+)/.exec(String(input))?.[1] ?? "";
    return new Promise<Response>((resolve) => {
      const send = (status: number, body: unknown) => resolve(Response.json([body], { status }));
      calls.push({
        path,
        answer: (data) => send(200, { result: { data } }),
        refuse: (message) => {
          const data = { code: "CONFLICT", appCode: "conflict", httpStatus: 409, details: null };
          send(409, { error: { message, code: -32009, data } });
        },
      });
    });
  });
  return calls;
}
