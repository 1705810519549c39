import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

/** What a setter's browser reads before the first key, and for the palette that the first key may want. */
const PARTS = ["main.tsx", "red-queue.tsx", "palette.tsx"];
const LIMIT_KB = 250;

/** Fails the build where the first screen costs more than it may, by the largest files first. */
export function limitFirstLoad(): Plugin {
  return {
    name: "limit-first-load",
    apply: "build",
    generateBundle(_options, bundle) {
      const files = new Set<string>();
      const take = (file: string) => {
        const chunk = bundle[file];
        if (chunk?.type !== "chunk" || files.has(file)) return;
        files.add(file);
        chunk.imports.forEach(take);
      };
      for (const part of PARTS) {
        const entry = Object.values(bundle).find(
          (file) => file.type === "chunk" && [...file.moduleIds].some((id) => id.endsWith(`/${part}`)),
        );
        if (!entry) throw new Error(`${part} is in no file of the build.`);
        take(entry.fileName);
      }
      const sizes = [...files].map((file) => {
        const chunk = bundle[file];
        return { file, bytes: chunk?.type === "chunk" ? gzipSync(chunk.code).length : 0 };
      });
      const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
      if (total <= LIMIT_KB * 1000) return;
      const largest = sizes.sort((a, b) => b.bytes - a.bytes).map(({ file, bytes }) => `${bytes} ${file}`);
      throw new Error(
        `The first screen needs ${total} bytes of script, gzip; ${LIMIT_KB} KB are allowed.\n${largest.join("\n")}`,
      );
    },
  };
}
