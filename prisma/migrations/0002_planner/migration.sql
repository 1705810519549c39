-- What the planner of sweeps and lookups remembers.

ALTER TABLE "Workspace" ADD COLUMN "lookupsSentAt" TIMESTAMPTZ(3);

ALTER TABLE "Connection"
    ADD COLUMN "hotCalls" INTEGER,
    ADD COLUMN "warmCalls" INTEGER,
    ADD COLUMN "hotEveryMin" INTEGER NOT NULL DEFAULT 1,
    ADD COLUMN "warmEveryMin" INTEGER NOT NULL DEFAULT 15,
    ADD COLUMN "lookupFailures" INTEGER NOT NULL DEFAULT 0,
    ADD COLUMN "lookupsAfter" TIMESTAMPTZ(3),
    ADD COLUMN "contactsReadTo" TIMESTAMPTZ(3),
    ADD COLUMN "contactsWalkAt" TIMESTAMPTZ(3),
    ADD COLUMN "contactsCursor" JSONB;

ALTER TABLE "EventWatermark" ADD COLUMN "shortReads" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "Appointment" ADD COLUMN "unlisted" BOOLEAN NOT NULL DEFAULT false;

-- Few at any time: looking for them costs nothing where there are none.
CREATE INDEX "Appointment_unlisted" ON "Appointment"("connectionId", "leadId") WHERE unlisted;

CREATE TABLE "LeadLookup" (
    "leadId" UUID NOT NULL,
    "triedAt" TIMESTAMPTZ(3) NOT NULL,
    "failures" INTEGER NOT NULL DEFAULT 0,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LeadLookup_pkey" PRIMARY KEY ("leadId")
);

ALTER TABLE "LeadLookup" ADD CONSTRAINT "LeadLookup_leadId_fkey" FOREIGN KEY ("leadId") REFERENCES "Lead"("id") ON DELETE CASCADE ON UPDATE CASCADE;
