-- Leads by the day of their claim: what a backfill by lookups goes through. Most leads claim nothing.
CREATE INDEX "Lead_claim_day" ON "Lead"("workspaceId", "claimAt", "id") WHERE "claimAt" IS NOT NULL;
