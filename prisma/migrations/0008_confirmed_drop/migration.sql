-- A person's word that meetings which are missing from the provider's list are really gone.

ALTER TABLE "Connection" ADD COLUMN "dropConfirmed" INTEGER;
