// @vitest-environment node
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { generate } from "../../scripts/gen-api.mjs";

test.each(["console", "node"])("the types of the %s's API are what its OpenAPI document says", async (server) => {
  const document = join(process.cwd(), `../docs/openapi/${server}.json`);
  expect(existsSync(document), `${document} is missing: the server writes it`).toBe(true);
  const written = readFileSync(join(process.cwd(), `src/api/${server}.gen.ts`), "utf8");
  expect(written === (await generate(server)), `src/api/${server}.gen.ts is stale: run npm run gen`).toBe(true);
});
