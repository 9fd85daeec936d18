import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** The servers look for `index.html`, whichever entry the pages were built from; so does whoever opens an address. */
function asIndex(entry: string): Plugin {
  return {
    name: "as-index",
    enforce: "post",
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (request.headers.accept?.includes("text/html")) request.url = `/${entry}`;
        next();
      });
    },
    generateBundle(_options, bundle) {
      const page = bundle[entry];
      if (page && entry !== "index.html") {
        page.fileName = "index.html";
      }
    },
  };
}

const entries = {
  console: {
    html: "index.html",
    out: "dist/console",
    server: process.env.BAILIWICK_CONSOLE ?? "http://127.0.0.1:8080",
  },
  node: { html: "node.html", out: "dist/node", server: process.env.BAILIWICK_NODE ?? "http://127.0.0.1:9101" },
};

export default defineConfig(({ mode }) => {
  const entry = mode === "node" ? entries.node : entries.console;
  return {
    appType: "spa",
    plugins: [react(), tailwindcss(), asIndex(entry.html)],
    server: { proxy: { "/api": entry.server } },
    build: {
      outDir: entry.out,
      emptyOutDir: true,
      // Inlined assets become data: URIs, which the pages' font-src and img-src refuse.
      assetsInlineLimit: 0,
      // light-dark() and nesting stay native: rewriting them would need a theme class on every element.
      cssTarget: ["chrome123", "firefox120", "safari17.5"],
      // What changes with us apart from what changes with our dependencies: a new release reloads the smaller half.
      rolldownOptions: {
        input: entry.html,
        output: {
          codeSplitting: {
            groups: [
              // What draws charts is loaded with the first of them.
              { name: "charts", test: /node_modules\/(echarts|zrender)\//, priority: 2 },
              { name: "vendor", test: /node_modules/, priority: 1 },
            ],
          },
        },
      },
      chunkSizeWarningLimit: 600,
    },
  };
});
