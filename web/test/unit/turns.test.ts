import { expect, test } from "vitest";
import { Turns } from "../../src/lib/turns";

test("acts on one thing wait for each other and go on from what the one before made", async () => {
  const turns = new Turns<number>();
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const seen: (number | null)[] = [];
  const act = (own: number | null) => {
    seen.push(own);
    return Promise.resolve((own ?? 0) + 1);
  };
  const first = turns.take("a", async (own) => {
    await held;
    return act(own);
  });
  const second = turns.take("a", act);
  expect(await turns.take("b", act)).toBe(1);
  expect(seen).toEqual([null]);
  release();
  expect([await first, await second]).toEqual([1, 2]);
  expect(seen).toEqual([null, null, 1]);
});

test("an act that failed hands nothing on, and what is over is forgotten", async () => {
  const turns = new Turns<number>();
  const broken = turns.take("a", () => Promise.reject(new Error("no")));
  const next = turns.take("a", async (own) => own ?? 7);
  await expect(broken).rejects.toThrow("no");
  expect(await next).toBe(7);
  expect(await turns.take("a", async (own) => own ?? 9)).toBe(9);
});
