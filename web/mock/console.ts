/** The console's API over the mock world. */
import type * as T from "../src/api/types";
import { compareRows } from "../src/lib/queue-search";
import { list, words } from "../src/lib/search";
import { PRIORITIES, STATUSES } from "../src/lib/words";
import { event, rule, signals } from "./evidence";
import { created, none, ok, type Reply, type Request, refuse } from "./http";
import { PEOPLE, type World } from "./world";

export function scope(world: World): T.Scope {
  const ref = ({ id, name, region }: T.Customer): T.CustomerRef => ({ id, name, region });
  const failed = world.customers.filter((c) => c.role && c.health !== "up");
  const skipped = world.customers.filter((c) => !c.role);
  const answered = world.customers.length - failed.length - skipped.length;
  return {
    complete: failed.length + skipped.length === 0,
    asked: answered + failed.length,
    answered,
    skipped: skipped.map((c) => ({ customer: ref(c), count: 1, reason: "NO_GRANT" })),
    failed: failed.map((c) => ({
      customer: ref(c),
      region: c.region,
      code: "NODE_DOWN",
      message: c.health_detail ?? "",
    })),
  };
}

export function queue(world: World, query: URLSearchParams): T.Page<T.Investigation> {
  const customers = list(query.get("customers"));
  const regions = list(query.get("regions"));
  const statuses = words(query.get("statuses"), STATUSES);
  const priorities = words(query.get("priorities"), PRIORITIES);
  const assignee = query.get("assignee");
  const q = (query.get("q") ?? "").toLowerCase();
  const sort = (query.get("sort") as T.Sort | null) ?? "-priority";
  const found = world.rows
    .filter((r) => !customers || customers.includes(r.customer.id))
    .filter((r) => !regions || regions.includes(r.customer.region))
    .filter((r) => !statuses || statuses.includes(r.status))
    .filter((r) => !priorities || priorities.includes(r.priority))
    .filter((r) => !assignee || (assignee === "none" ? !r.assignee : r.assignee?.email === assignee))
    .filter((r) => `${r.title} ${r.entity?.value}`.toLowerCase().includes(q))
    .sort((a, b) => compareRows(sort, a, b));
  const start = Number(query.get("cursor") ?? 0);
  const end = start + Number(query.get("limit") ?? 100);
  return { data: found.slice(start, end), next: end < found.length ? String(end) : null, scope: scope(world) };
}

function counts(world: World, customer: T.Customer): T.OpenCounts | null {
  if (!customer.role || customer.health !== "up") return null;
  const open = world.rows.filter((r) => r.customer.id === customer.id && r.status !== "CLOSED");
  const of = (p: T.Priority) => open.filter((r) => r.priority === p).length;
  return {
    critical: of("CRITICAL"),
    high: of("HIGH"),
    medium: of("MEDIUM"),
    low: of("LOW"),
    unspecified: of("UNSPECIFIED"),
  };
}

function patch(world: World, row: T.Investigation, body: T.InvestigationPatch): Reply {
  if (body.version !== row.version) return refuse(409, "VERSION_CONFLICT", "version: it has changed", { current: row });
  const { version: _, ...change } = body;
  const given = change as Partial<T.Investigation>;
  const next = { ...row, ...given, version: row.version + 1, updated_time: new Date().toISOString() };
  if (next.status === "CLOSED" && next.disposition === "UNDECIDED") {
    return refuse(400, "DISPOSITION_REQUIRED", "disposition: closing needs one", { field: "disposition" });
  }
  const history = world.history.get(row.rrn) ?? [];
  for (const [field, to] of Object.entries(change)) {
    const text = (v: unknown) => (v === null ? null : typeof v === "object" ? (v as T.Assignee).email : String(v));
    history.push({
      time: next.updated_time,
      actor: world.me?.email ?? "",
      field,
      from: text(row[field as keyof T.InvestigationRow] ?? null),
      to: text(to),
    });
  }
  world.history.set(row.rrn, history);
  world.rows[world.rows.indexOf(row)] = next;
  return ok(next, 150);
}

function investigation(world: World, request: Request): Reply {
  const row = world.rows.find((r) => r.rrn === request.path[1]);
  if (!row) return refuse(404, "NOT_FOUND", "no such investigation");
  if (request.path[2] === "records") return ok({ data: [event(3), event(4)] }, 400);
  if (request.path[2] === "rules") return ok(rule(request.path[3] ?? ""), 300);
  if (request.method === "PATCH") return patch(world, row, request.body as unknown as T.InvestigationPatch);
  const opened: T.HistoryEntry = {
    time: row.created_time,
    actor: "correlation",
    field: "opened",
    from: null,
    to: row.title,
  };
  const role = world.customers.find((c) => c.id === row.customer.id)?.role;
  return ok({
    investigation: row,
    signals: signals(row),
    history: [opened, ...(world.history.get(row.rrn) ?? [])],
    may_edit: role !== "viewer",
  } satisfies T.CustomerInvestigation);
}

function customers(world: World, request: Request): Reply {
  const [, id, part] = request.path;
  if (part === "assignees") return ok({ data: PEOPLE.slice(0, 3).map(({ email, name }) => ({ email, name })) }, 300);
  if (part === "logs") {
    const start = Number(request.body.cursor ?? 0);
    if (String(request.body.query).startsWith("zzz"))
      return ok({ data: [], next: null, scope: { ...scope(world), skipped: [], failed: [], complete: true } }, 300);
    const data = Array.from({ length: 100 }, (_, i) => event(start + i));
    return ok(
      { data, next: String(start + 100), scope: { complete: true, asked: 1, answered: 1, skipped: [], failed: [] } },
      300,
    );
  }
  if (request.method === "POST") {
    const form = request.body as unknown as T.NewCustomer;
    if (world.customers.some((c) => c.name.toLowerCase() === form.name.toLowerCase()))
      return refuse(409, "NAME_TAKEN", "name: taken", { field: "name" });
    if (!form.mail.includes("@")) return refuse(400, "MAIL_INVALID", "mail: no @", { field: "mail" });
    if (form.port === 1) return refuse(502, "HOST_UNREACHABLE", "connection refused", { field: "server" });
    return refuse(403, "AUTH_FAILED", "the node refused", { field: "admin" });
  }
  const all = world.customers.map((c) => ({ ...c, open: counts(world, c) }));
  return id ? ok(all.find((c) => c.id === id)) : ok({ data: all, next: null, scope: scope(world) });
}

function grants(world: World, request: Request): Reply {
  if (request.method === "GET")
    return ok({ data: world.grants.filter((g) => g.customer === request.query.get("customer")) });
  const body = request.body as unknown as T.NewGrant;
  const user = world.users.find((u) => u.id === body.user);
  const customer = world.customers.find((c) => c.id === body.customer);
  if (!user || !customer) return refuse(404, "NOT_FOUND", "no such user or customer");
  world.grants = world.grants.filter((g) => g.user !== body.user || g.customer !== body.customer);
  const grant: T.Grant = {
    id: `g${user.id}${customer.id}`,
    user: user.id,
    email: user.email,
    customer: customer.id,
    customer_name: customer.name,
    desired: body.role,
    applied: customer.health === "up" ? body.role : null,
    state: customer.health === "up" ? "APPLIED" : "PENDING",
    detail: customer.health === "up" ? null : "the node does not answer",
    granted_by: world.me?.email ?? "",
    updated_time: new Date().toISOString(),
  };
  if (body.role) world.grants.push(grant);
  return ok(grant);
}

function session(world: World, request: Request): Reply {
  if (request.method === "DELETE") {
    world.me = null;
    return none();
  }
  const user = PEOPLE.find((u) => u.email === request.body.email);
  if (!user || request.body.password !== "mock") return refuse(401, "AUTH_FAILED", "mail or password is wrong");
  world.me = { id: user.id, email: user.email, name: user.name, role: user.role, csrf: "mock" };
  return ok(world.me);
}

export function console_(world: World, request: Request): Reply {
  const [head] = request.path;
  if (head === "session") return session(world, request);
  if (head === "setup") {
    const user = world.users.find((u) => request.body.token === `single-use-token-of-${u.id}` && !u.active);
    if (!user) return refuse(410, "LINK_USED", "this link was used or has ended");
    user.active = true;
    world.me = { id: user.id, email: user.email, name: user.name, role: user.role, csrf: "mock" };
    return ok(world.me);
  }
  if (!world.me) return refuse(401, "NOT_SIGNED_IN", "sign in first");
  if (head === "me" && request.path[1] === "access") {
    const data = world.customers.map((c) => ({
      customer: { id: c.id, name: c.name, region: c.region },
      count: 1,
      allowed: c.role !== null && world.me?.id.length === 2 && Number(world.me.id[1]) < 4,
      reason: c.role ? null : "NO_GRANT",
    }));
    return ok({ data: [...data, { customer: null, count: 3, allowed: false, reason: "NO_ROLE" }] });
  }
  if (head === "me") return ok(world.me);
  if (head === "customers") return customers(world, request);
  if (head === "grants") return grants(world, request);
  if (head === "users" && request.method === "POST") {
    const user = { ...(request.body as unknown as T.NewUser), id: `u${world.users.length + 1}`, active: false };
    world.users.push(user);
    const token = `single-use-token-of-${user.id}`;
    const link = {
      link: `http://127.0.0.1:8090/welcome#${token}`,
      token,
      expires_time: new Date(Date.now() + 864e5).toISOString(),
    };
    return created({ user, link });
  }
  if (head === "users") return ok({ data: world.users });
  if (head === "audit") return ok({ data: world.audit });
  if (head === "investigations" && request.path[1] === "search") {
    const text = Object.entries(request.body).map(([name, value]) => [name, String(value)]);
    return ok(queue(world, new URLSearchParams(text)));
  }
  if (head === "investigations")
    return request.path[1] ? investigation(world, request) : ok(queue(world, request.query));
  return refuse(404, "NOT_FOUND", "no such path");
}
