import express, { type RequestHandler } from "express";

/** Enough for a full bulk of leads; beyond it the answer is 413, before anything is read into memory. */
const MAX_BODY = "5mb";

/** Every body of these doors is JSON, whatever its content type says. */
export function readJson(): RequestHandler {
  return express.json({ limit: MAX_BODY, type: () => true });
}
