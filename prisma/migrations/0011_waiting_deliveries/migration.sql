-- What waits is worked on by its subject: by an index of what waits alone, since a connection keeps thirty days of
-- deliveries. The sums over all that waits read the same few rows.

DROP INDEX "WebhookDelivery_unprocessed";
CREATE INDEX "WebhookDelivery_waiting" ON "WebhookDelivery"("connectionId", split_part("dedupeKey", ':', 2))
  WHERE "processedAt" IS NULL AND result = 'accepted';
