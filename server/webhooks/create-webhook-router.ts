import express, { type Router } from "express";
import { AppError } from "#server/lib/errors.ts";
import { type ReceiveDeps, receiveCalendlyDelivery } from "./receive-calendly-delivery.ts";

const MAX_BODY_BYTES = 1024 * 1024;

/**
 * Where providers call in. Must be mounted before any body parser: signatures are over the bytes as received,
 * whatever content type they claim. Compressed bodies are refused, since nobody signs them.
 */
export function createWebhookRouter(deps: ReceiveDeps): Router {
  const router = express.Router();
  const readBytes = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false });
  router.post("/calendly/:workspaceId", readBytes, async (req, res) => {
    const verdict = await receiveCalendlyDelivery(deps, {
      workspaceId: String(req.params.workspaceId),
      signature: req.get("calendly-webhook-signature"),
      // Without a body the parser leaves nothing behind.
      rawBody: Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0),
    });
    if (verdict === "refused") throw new AppError("unauthorized", "The signature does not fit.");
    res.status(200).json({ ok: true });
  });
  return router;
}
