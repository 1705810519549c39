-- A row that says nothing in a column costs that column's index nothing: every evidence that is applied writes to all
-- indexes of its appointment and of its lead.

DROP INDEX "Appointment_workspaceId_contactId_idx";
CREATE INDEX "Appointment_contact" ON "Appointment"("workspaceId", "contactId") WHERE "contactId" IS NOT NULL;

DROP INDEX "Appointment_workspaceId_provider_rescheduledToId_idx";
CREATE INDEX "Appointment_rescheduled_to" ON "Appointment"("workspaceId", provider, "rescheduledToId")
  WHERE "rescheduledToId" IS NOT NULL;

DROP INDEX "Appointment_workspaceId_provider_rescheduledFromId_idx";
CREATE INDEX "Appointment_rescheduled_from" ON "Appointment"("workspaceId", provider, "rescheduledFromId")
  WHERE "rescheduledFromId" IS NOT NULL;

-- "Lead_email_prefix" answers equality as well.
DROP INDEX "Lead_workspaceId_emailKey_idx";

DROP INDEX "Lead_assignedToId_idx";
CREATE INDEX "Lead_assigned" ON "Lead"("assignedToId") WHERE "assignedToId" IS NOT NULL;

DROP INDEX "Lead_workspaceId_externalId_key";
CREATE UNIQUE INDEX "Lead_workspaceId_externalId_key" ON "Lead"("workspaceId", "externalId") WHERE "externalId" IS NOT NULL;
