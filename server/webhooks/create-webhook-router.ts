import express, { type Request, type Router } from "express";
import { createBell } from "#server/db/bell.ts";
import { AppError } from "#server/lib/errors.ts";
import { readPublicKeys } from "#server/providers/highlevel/signature.ts";
import { type ReceiveDeps, receiveCalendlyDelivery } from "./receive-calendly-delivery.ts";
import { receiveMarketplaceDelivery } from "./receive-marketplace-delivery.ts";
import { receiveWorkflowDelivery } from "./receive-workflow-delivery.ts";
import { createRefusalLog } from "./refusal-log.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Where providers call in. Must be mounted before any body parser: signatures are over the bytes as received,
 * whatever content type they claim. Compressed bodies are refused, since nobody signs them.
 */
export function createWebhookRouter(deps: ReceiveDeps): Router {
  const router = express.Router();
  const bell = createBell(deps.db, "process-delivery");
  const readBytes = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false });

  router.post("/calendly/:workspaceId", readBytes, async (req, res) => {
    const verdict = await receiveCalendlyDelivery(deps, {
      workspaceId: String(req.params.workspaceId),
      signature: req.get("calendly-webhook-signature"),
      headers: req.headers,
      rawBody: bytesOf(req),
    });
    if (verdict === "refused") throw new AppError("unauthorized", "The signature does not fit.");
    bell.ring();
    res.status(200).json({ ok: true });
  });

  const keys = readPublicKeys(deps.config.highlevelWebhookPublicKey);
  const door = { keys, logRefusal: createRefusalLog(deps) };
  router.post("/highlevel", readBytes, async (req, res) => {
    const signature = req.get("x-ghl-signature");
    const request = { signature, headers: req.headers, rawBody: bytesOf(req) };
    const verdict = await receiveMarketplaceDelivery(deps, door, request);
    if (verdict === "refused") throw new AppError("unauthorized", "The signature does not fit.");
    bell.ring();
    res.status(200).json({ ok: true });
  });

  router.post("/highlevel/:workspaceId", readBytes, async (req, res) => {
    const verdict = await receiveWorkflowDelivery(deps, {
      workspaceId: String(req.params.workspaceId),
      secret: req.get("x-bookproof-secret"),
      headers: req.headers,
      rawBody: bytesOf(req),
    });
    if (verdict === "refused") throw new AppError("unauthorized", "The secret does not fit.");
    bell.ring();
    res.status(200).json({ ok: true });
  });
  return router;
}

/** Without a body the parser leaves nothing behind. */
function bytesOf(req: Request): Buffer {
  return Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
}
