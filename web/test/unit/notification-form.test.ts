import { expect, test } from "vitest";
import { addresses, draftOfNotifications, notificationsOf, sameServer } from "../../src/lib/notification-form";

const set = {
  mail: {
    server: "mail.example",
    port: 587,
    security: "starttls" as const,
    user: "bw",
    has_password: true,
    from: "bw@mssp.example",
    to: ["soc@mssp.example", "duty@mssp.example"],
  },
  webhook: null,
  degraded: false,
  settle_seconds: 60,
  waiting: 0,
  recent: [],
};

test("a secret that is not typed is left out, and stays as it is", () => {
  const sent = notificationsOf(draftOfNotifications(set));
  expect(sent.mail).not.toHaveProperty("password");
  expect(sent).toMatchObject({ webhook: null, settle_seconds: 60, mail: { port: 587, user: "bw", to: set.mail.to } });
  expect(notificationsOf({ ...draftOfNotifications(set), password: "x" }).mail).toHaveProperty("password", "x");
});

test("a password is kept for the server and the user it was typed for", () => {
  const draft = draftOfNotifications(set);
  expect(sameServer(set, draft)).toBe(true);
  expect(sameServer(set, { ...draft, port: "465" })).toBe(false);
  expect(sameServer(set, { ...draft, user: "other" })).toBe(false);
});

test("addresses are told apart by lines and commas, and may have a name", () => {
  expect(addresses(" a@b.example,c@d.example\n\nDuty <e@f.example> ")).toEqual([
    "a@b.example",
    "c@d.example",
    "Duty <e@f.example>",
  ]);
});
