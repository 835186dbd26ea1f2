import { defineConfig } from "vite";

/** The page that tests and benchmarks drive; never part of what the platform serves. */
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  build: { assetsInlineLimit: 0, modulePreload: false, reportCompressedSize: false, emptyOutDir: true, rolldownOptions: { input: "sealing.html" } },
});
