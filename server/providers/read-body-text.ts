export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
}

/** Reads a reply as UTF-8 text and stops reading, for good, once it is larger than `maxBytes`. */
export async function readBodyText(response: Response, maxBytes: number): Promise<string> {
  if (!response.body) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by an exception cancels the stream and with it the connection.
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    if (size > maxBytes) throw new BodyTooLargeError();
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}
