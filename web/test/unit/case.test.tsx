import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { atConsole, caseAt } from "../../src/api/case";
import type { Attachment, Comment } from "../../src/api/case-types";
import { CaseContext } from "../../src/components/case/case-context";
import { Comments } from "../../src/components/case/comments";
import { Files } from "../../src/components/case/files";
import { answerWord, kindsOf } from "../../src/lib/answers";
import { siblingSql, signalHit, signalsSql, techniques } from "../../src/lib/signal-sql";
import { row } from "./rows";

const author = (email: string) => ({ kind: "USER" as const, email, name: "" });
const comment = (id: string, email: string, visibility: Comment["visibility"]): Comment => ({
  id,
  author: author(email),
  created_time: "2026-11-22T10:00:00Z",
  body: `body of ${id}`,
  visibility,
  attachments: [],
});
const file = (name: string, scan_status: Attachment["scan_status"]): Attachment => ({
  id: name,
  file_name: name,
  mime_type: "text/plain",
  size: 10,
  sha256: "ab",
  created_time: "2026-11-22T10:00:00Z",
  author: author("ana@x.example"),
  scan_status,
});

let asked: { method: string; path: string; body: string }[];
let comments: Comment[];

beforeEach(() => {
  asked = [];
  comments = [comment("mine", "ana@x.example", "INTERNAL"), comment("bens", "ben@x.example", "PUBLIC")];
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    asked.push({ method: request.method, path, body: await request.text() });
    if (request.method !== "GET") return new Response(null, { status: 204 });
    const data = path.endsWith("/comments")
      ? comments
      : [file("clean.txt", "CLEAN"), file("bad.exe", "INFECTED"), file("new.bin", "PENDING")];
    return Response.json({ data, next: null });
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const source = caseAt(atConsole(row().rrn));

function show(what: React.ReactNode, reader: { mayEdit?: boolean; provider?: boolean } = {}) {
  const { mayEdit = true, provider = true } = reader;
  render(
    <QueryClientProvider client={new QueryClient()}>
      <CaseContext
        value={{
          row: row(),
          source,
          mayEdit,
          mayComment: mayEdit || !provider,
          me: "Ana@x.example",
          provider,
          other: "Acme",
        }}
      >
        {what}
      </CaseContext>
    </QueryClientProvider>,
  );
}

test("a comment is internal unless somebody says otherwise, and says so on its button", async () => {
  show(<Comments />);
  await screen.findByText("body of mine");
  await userEvent.type(screen.getByLabelText("Comment"), "hello");
  await userEvent.click(screen.getByRole("button", { name: "Comment internally" }));
  const sent = await waitFor(() => {
    const post = asked.find(({ method }) => method === "POST");
    expect(post).toBeDefined();
    return post;
  });
  expect(JSON.parse(sent?.body ?? "")).toEqual({ body: "hello", visibility: "INTERNAL", attachments: [] });
  expect(sent?.path).toBe(`/api/v1/investigations/${row().rrn}/comments`);
});

test("after a public comment the next one is internal again", async () => {
  show(<Comments />);
  await userEvent.click(await screen.findByLabelText("Public"));
  await userEvent.type(screen.getByLabelText("Comment"), "dear customer");
  await userEvent.click(screen.getByRole("button", { name: "Comment so that Acme reads it" }));
  await waitFor(() => expect(asked.some(({ body }) => body.includes("PUBLIC"))).toBe(true));
  await screen.findByRole("button", { name: "Comment internally" });
});

test("one deletes one's own comments alone, and both kinds are told apart in words", async () => {
  show(<Comments />);
  const mine = (await screen.findByText("body of mine")).closest("li") as HTMLElement;
  const bens = screen.getByText("body of bens").closest("li") as HTMLElement;
  expect(within(mine).queryByRole("button", { name: "Delete your comment" })).not.toBeNull();
  expect(within(bens).queryByRole("button", { name: "Delete your comment" })).toBeNull();
  expect(mine.textContent).toContain("Internal: provider only");
  expect(bens.textContent).toContain("Public: Acme reads it");
});

test("showing a comment to the customer is asked about first, hiding it is not", async () => {
  show(<Comments />);
  await userEvent.click(await screen.findByRole("button", { name: "Make public…" }));
  expect(asked.some(({ method }) => method === "PUT")).toBe(false);
  await userEvent.click(await screen.findByRole("button", { name: "Make it public" }));
  await waitFor(() => expect(asked.find(({ method }) => method === "PUT")?.body).toBe('{"visibility":"PUBLIC"}'));
});

test("the customer's own people see no word of visibility", async () => {
  show(<Comments />, { provider: false, mayEdit: false });
  await screen.findByText("body of bens");
  expect(screen.queryByText(/Internal|Public/)).toBeNull();
});

test("a file with malware or still being scanned is not given, and says why", async () => {
  show(<Files />);
  await screen.findByText("clean.txt");
  const button = (name: RegExp) => screen.getByRole("button", { name });
  expect(button(/^Download clean.txt/).getAttribute("aria-disabled")).toBe("false");
  expect(button(/bad.exe. The scan found malware/).getAttribute("aria-disabled")).toBe("true");
  expect(button(/new.bin. It is being scanned/).getAttribute("aria-disabled")).toBe("true");
  expect(screen.getByText("Malware found")).toBeDefined();
});

test("a file that is too large is refused before it leaves", async () => {
  show(<Files />);
  const large = new File(["x"], "disk.img");
  Object.defineProperty(large, "size", { value: 26 * 1024 * 1024 });
  await userEvent.upload(screen.getByLabelText("Attach files"), large);
  expect((await screen.findByRole("alert")).textContent).toContain("at most 25.0 MiB");
  expect(asked.every(({ method }) => method === "GET")).toBe(true);
});

test("statements about signals quote what people type", () => {
  expect(signalsSql("O'Brien  LSASS", "inv-1")).toContain("'o''brien'");
  expect(signalsSql("", "inv-1")).toContain("where coalesce(investigation, '') <> 'inv-1' order");
  expect(signalHit(["s", "n", "high", "ip", "10.0.0.1", "2026-11-22T10:00:00Z", null]).investigation).toBeNull();
});

test("siblings are rules of the same techniques; of the same tactics when there is none", () => {
  expect(techniques(["attack.credential-access", "attack.t1003.001", "cve.2026.1"])).toEqual(["attack.t1003.001"]);
  expect(techniques(["attack.credential-access", "attack.'; drop"])).toEqual(["attack.credential-access"]);
  expect(siblingSql(["attack.t1003.001"], "r'1")).toContain("rule <> 'r''1'");
});

test("every kind of answer has words", () => {
  expect(answerWord("investigations.list")).toBe("The queue");
  expect(answerWord("GET /api/v1/workspaces/{workspace}/investigations/{id}")).toBe("One investigation");
  expect(answerWord("GET /api/v1/workspaces/{workspace}/investigations/{id}/comments")).toBe(
    "Comments of an investigation",
  );
  expect(kindsOf([{ kind: "POST /x" }])).toContain("POST /x");
});

test("the customer's own people write comments that everybody reads, and attach nothing", async () => {
  show(<Comments />, { mayEdit: false, provider: false });
  await userEvent.type(screen.getByLabelText("Comment"), "from us");
  expect(screen.queryByText("Attach")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Comment" }));
  const sent = await waitFor(() => {
    const post = asked.find(({ method }) => method === "POST");
    expect(post).toBeDefined();
    return post;
  });
  expect(JSON.parse(sent?.body ?? "")).toEqual({ body: "from us" });
});
