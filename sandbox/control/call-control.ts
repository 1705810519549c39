import type { Request, Response, Router } from "express";

export type ControlAnswer = { status: number; body: unknown };

/**
 * One call of the control API without the way over HTTP, for tests that make thousands. The routes read of a request and
 * write of a response no more than what stands here.
 */
export function callControl(
  router: Router,
  method: "GET" | "POST" | "DELETE",
  path: string,
  body: unknown,
): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const request = { method, url: path, body, query: {}, socket: { remoteAddress: "127.0.0.1" } };
    let status = 200;
    const response = {
      locals: {},
      status(code: number) {
        status = code;
        return response;
      },
      json: (answer: unknown) => resolve({ status, body: answer }),
    };
    // The casts: see above.
    router(request as unknown as Request, response as unknown as Response, reject);
  });
}
