import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const apiOrigin = `http://127.0.0.1:${process.env.PORT ?? "4000"}`;

export default defineConfig({
  root: "client",
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "../dist/client",
    emptyOutDir: true,
    target: "es2023",
    // The console is served from the same host that holds the session: relative paths would break deep links.
    assetsInlineLimit: 0,
  },
  server: { proxy: { "/api": { target: apiOrigin, changeOrigin: false } } },
});
