import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "#server/lib/errors.ts";
import { readKeptSecret } from "#server/lib/kept-secret.ts";
import { createToken } from "#server/lib/secrets.ts";

/**
 * APP_SECRET, or with the embedded database the one kept beside it, made at the first start: whoever has
 * the data folder has both, and a copy of the folder still opens its own secrets.
 */
export async function readAppSecret(config: { appSecret: string | null; dataDir: string }): Promise<string> {
  if (config.appSecret) return config.appSecret;
  const file = join(config.dataDir, "app-secret");
  try {
    await mkdir(config.dataDir, { recursive: true, mode: 0o711 });
    const secret = await readKeptSecret(file, () => createToken(48));
    if (secret.length >= 32) return secret;
  } catch (cause) {
    throw new AppError(
      "data_folder",
      `The data folder ${config.dataDir} cannot be read or written: make it writable for the user that starts Bookproof, or point DATA_DIR elsewhere.`,
      { cause },
    );
  }
  throw new AppError("data_folder", `The file ${file} is damaged: restore it, or set APP_SECRET.`);
}
