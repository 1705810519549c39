type Handler = () => void;
let handler: Handler = () => {};

/** The router registers what happens when the server no longer knows this session. */
export function setSignedOutHandler(next: Handler): void {
  handler = next;
}

export function reportSignedOut(): void {
  handler();
}
