import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { limitFirstLoad } from "./scripts/limit-first-load.ts";

const apiOrigin = `http://127.0.0.1:${process.env.PORT ?? "4000"}`;

export default defineConfig({
  root: "client",
  plugins: [react(), tailwindcss(), preloadTextFont(), limitFirstLoad()],
  build: {
    outDir: "../dist/client",
    emptyOutDir: true,
    target: "es2023",
    // Inlined fonts and images would be data: addresses, which the content security policy refuses.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Libraries that every screen needs keep their own file, so that a release of ours leaves them in the cache.
          groups: [
            { name: "platform", test: /node_modules[\\/](react|react-dom|scheduler|@tanstack|@trpc)[\\/]/ },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: apiOrigin, changeOrigin: false } } },
});

/** Fetches the text font beside the style sheet instead of after it: text is set once. */
function preloadTextFont(): Plugin {
  return {
    name: "preload-text-font",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler(_html, { bundle }) {
        const file = Object.keys(bundle ?? {}).find((name) =>
          /ibm-plex-sans-latin-wght-normal.*\.woff2$/.test(name),
        );
        if (!file) throw new Error("The text font is not in the build.");
        const attrs = { rel: "preload", href: `/${file}`, as: "font", type: "font/woff2", crossorigin: "" };
        return [{ tag: "link", attrs, injectTo: "head" }];
      },
    },
  };
}
