/** A node's API over the mock world. */
import type * as T from "../src/api/types";
import { event } from "./evidence";
import { created, none, ok, type Reply, type Request, refuse } from "./http";
import type { World } from "./world";

function session(world: World, request: Request): Reply {
  if (request.method === "DELETE") {
    world.nodeMe = null;
    return none();
  }
  if (request.body.password !== "mock") return refuse(401, "AUTH_FAILED", "name or password is wrong");
  const user = String(request.body.user);
  world.nodeMe =
    user === "operator"
      ? { user, kind: "operator", workspace: null, workspace_name: null, region: "eu", csrf: "mock" }
      : { user, kind: "admin", workspace: "acme-media", workspace_name: "Acme Media", region: "eu", csrf: "mock" };
  return ok(world.nodeMe);
}

function sources(world: World, request: Request): Reply {
  const [, id] = request.path;
  const key = "bwk_2f9c1b7e4d5a60c8_J2mNq8Vt0yRw3Zs5Xc7Lk1";
  const found = world.sources.find((s) => s.id === id);
  if (request.method === "PATCH" && found) {
    Object.assign(found, request.body);
    return ok(found);
  }
  if (request.method === "POST" && found) return created({ source: found, ingest_key: key });
  if (request.method === "POST") {
    const source: T.Source = {
      format: "auto",
      tier: "continuous",
      ...(request.body as unknown as Pick<T.Source, "name" | "source_category">),
      id: `s${world.sources.length + 1}`,
      syslog_error: null,
      enabled: true,
      key_hint: "bwk_2f9c",
      received: 0,
      stored: 0,
      allowed: [],
      cse: true,
      open_issues: 0,
      failed: 0,
      bytes: 0,
      dropped: 0,
      last_seen: null,
      created_time: new Date().toISOString(),
    };
    world.sources.push(source);
    return created({ source, ingest_key: key });
  }
  return ok({ data: world.sources });
}

export function node(world: World, request: Request): Reply {
  const [head, id] = request.path;
  if (head === "session") return session(world, request);
  if (head === "setup") return refuse(410, "LINK_USED", "this link was used or has ended");
  if (!world.nodeMe) return refuse(401, "NOT_SIGNED_IN", "sign in first");
  if (head === "me") return ok(world.nodeMe);
  if (head === "technicians" && request.method === "DELETE") {
    const technician = world.technicians.find((t) => t.email === id);
    if (technician) technician.revoked_time = new Date().toISOString();
    return none();
  }
  if (head === "technicians") return ok({ data: world.technicians });
  if (head === "enrolments") {
    return ok({
      data: [
        {
          console: "con_01hq7k",
          console_name: "Harbor SOC",
          enrolled_time: world.workspaces[0]?.created_time,
          enrolled_by: "acme-admin",
        },
      ],
    });
  }
  if (head === "sources") return sources(world, request);
  if (head === "logs") return ok({ data: Array.from({ length: 60 }, (_, i) => event(i)), next: null }, 200);
  if (head === "investigations") return ok({ data: world.rows.filter((r) => r.customer.id === "cus_1") });
  if (head === "audit")
    return ok({ data: world.audit.map((a) => ({ ...a, customer: null, subject: "amina.khan@mssp.example" })) });
  if (head === "workspaces" && request.method === "POST") {
    const workspace = {
      ...(request.body as unknown as T.NewWorkspace),
      id: "new-one",
      created_time: new Date().toISOString(),
    };
    world.workspaces.push(workspace);
    return created({
      workspace,
      link: {
        link: "http://127.0.0.1:9101/setup#tok-example",
        token: "tok-example",
        expires_time: new Date(Date.now() + 864e5).toISOString(),
      },
    });
  }
  if (head === "workspaces") return ok({ data: world.workspaces });
  return refuse(404, "NOT_FOUND", "no such path");
}
