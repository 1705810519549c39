/** The demo world's tokens: readable, fixed, and worth nothing anywhere else. */
export const DEMO_TOKENS = {
  northwindOwner: "sandbox-calendly-northwind-owner",
  northwindMember: "sandbox-calendly-northwind-member",
  northwindWithoutWebhooks: "sandbox-calendly-northwind-no-webhooks",
  northwindRevoked: "sandbox-calendly-northwind-revoked",
  harborOwner: "sandbox-calendly-harbor-owner",
  lumen: "pit-sandbox-lumen",
  lumenWithoutEvents: "pit-sandbox-lumen-no-events",
  lumenRevoked: "pit-sandbox-lumen-revoked",
  harbor: "pit-sandbox-harbor",
  wrongLocation: "pit-sandbox-wrong-location",
} as const;

/** Private integration tokens name no location, so an operator types these. */
export const DEMO_LOCATIONS = {
  lumen: "lumenDentalGroup0001",
  harbor: "harborLabsLocation01",
  elsewhere: "cedarAnnexLocation01",
} as const;
