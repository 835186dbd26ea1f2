import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";
import icons from "./icons.json" with { type: "json" };

const require = createRequire(import.meta.url);

/** One SVG sprite of the Lucide icons named in icons.json; pages refer to `<use href="…#name">`. */
function sprite(): Plugin {
  const symbol = (name: string): string =>
    readFileSync(require.resolve(`lucide-static/icons/${name}.svg`), "utf8")
      .replace(/<!--.*?-->\s*/s, "")
      .replace(/<svg[^>]*>/s, `<symbol id="${name}" viewBox="0 0 24 24">`)
      .replace("</svg>", "</symbol>")
      .replace(/\s*\n\s*/g, "");
  return {
    name: "sprite",
    buildStart() {
      const source = `<svg xmlns="http://www.w3.org/2000/svg">${icons.map(symbol).join("")}</svg>`;
      this.emitFile({ type: "asset", name: "icons.svg", originalFileName: "icons.svg", source });
    },
  };
}

/** Compressed neighbours, so that the server compresses nothing at run time. */
function compressed(): Plugin {
  return {
    name: "compressed",
    generateBundle(_options, bundle) {
      for (const [fileName, output] of Object.entries(bundle)) {
        if (!/\.(js|css|svg)$/.test(fileName)) continue;
        const content = Buffer.from(output.type === "chunk" ? output.code : output.source);
        this.emitFile({ type: "asset", fileName: `${fileName}.gz`, source: gzipSync(content, { level: 9 }) });
        this.emitFile({ type: "asset", fileName: `${fileName}.br`, source: brotliCompressSync(content) });
      }
    },
  };
}

export default defineConfig({
  base: "/static/ui/build/",
  plugins: [sprite(), compressed()],
  css: { transformer: "lightningcss" },
  build: {
    outDir: "../src/territoires/ui/static/ui/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0, // the content security policy forbids data: fonts
    modulePreload: false,
    reportCompressedSize: false,
    // htmx holds an eval that our configuration switches off (allowEval) and our policy forbids.
    rolldownOptions: { input: ["src/main.ts", "src/officer/main.ts", "src/deposit/main.ts"], checks: { eval: false } },
  },
});
