-- An address that HighLevel lost by putting a contact's second one over it.

ALTER TABLE "RememberedContact" ADD COLUMN "formerEmails" TEXT[] DEFAULT ARRAY[]::TEXT[];
