-- Where a pass that its provider's limit ended goes on.
CREATE TABLE "SweepPosition" (
  "connectionId" UUID NOT NULL,
  tier TEXT NOT NULL,
  "startedAt" TIMESTAMPTZ(3) NOT NULL,
  day DATE NOT NULL,
  calls INTEGER NOT NULL,
  CONSTRAINT "SweepPosition_pkey" PRIMARY KEY ("connectionId", tier)
);

ALTER TABLE "SweepPosition" ADD CONSTRAINT "SweepPosition_connectionId_fkey"
  FOREIGN KEY ("connectionId") REFERENCES "Connection"(id) ON DELETE CASCADE ON UPDATE CASCADE;
