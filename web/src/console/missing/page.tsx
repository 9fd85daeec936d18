import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { CircleCheck, UserCog } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/console";
import { capital, LINK, missingStep } from "../../lib/access";
import { cn } from "../../lib/cn";
import { plural } from "../../lib/format";
import { CAUSE_WORDS, type Cause, causes, seen } from "../../lib/missing";
import { Button, buttonClass } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Empty, Failure, PageHead, SkeletonRows } from "../../ui/states";
import { Table, Td, Th, trClass, wideClass } from "../../ui/table";
import { useMe } from "../me";
import { useMultiCustomer } from "../preferences/use-preferences";

const REFRESH_MS = 15_000;

/** Every customer that is absent from this person's merged view: why, what ends it, and who can do that. */
export function MissingPage() {
  const { customer } = useSearch({ from: "/frame/missing" });
  const query = useQuery({
    queryKey: ["access", "me", customer ?? "all"],
    queryFn: () => api.access(customer),
    refetchInterval: REFRESH_MS,
  });
  const [typed, setTyped] = useState("");
  const multi = useMultiCustomer() !== false;
  const rows = query.data?.data;
  const word = typed.trim().toLowerCase();
  const found = causes(rows ?? []);
  const narrowed = word
    ? found.flatMap((cause) => {
        const those = cause.rows.filter(({ customer: one }) => one?.name.toLowerCase().includes(word));
        return those.length > 0 ? [{ ...cause, rows: those, count: those.length }] : [];
      })
    : found;
  return (
    <div className="flex min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead
        title="Why can’t I see my customer investigations?"
        note={rows && !customer && multi ? <Seen rows={rows} /> : null}
      >
        {customer ? (
          <Link to="/missing" search={{}} className={buttonClass()}>
            Every customer
          </Link>
        ) : found.some((cause) => cause.rows.length > 1) ? (
          <input
            type="search"
            aria-label="Find customers"
            placeholder="Find customers…"
            className={cn(controlClass, "w-56")}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        ) : null}
      </PageHead>
      <p className="max-w-4xl text-muted">
        The commonest reason is that you lack access to the customer’s own instance. Two things are needed for each:
        permission at this console to work for the customer, and a role inside that customer’s workspace. Here is every
        customer that one of them, or something else, keeps out of your view now.
      </p>
      <SwitchedOff />
      {query.error ? (
        <Failure
          error={query.error}
          title={rows ? "This may be out of date" : "The reasons could not be read"}
          onRetry={() => void query.refetch()}
        />
      ) : null}
      {rows === undefined ? (
        query.error ? null : (
          <div className="rounded-md border border-line bg-surface">
            <SkeletonRows rows={6} label="Reading the reasons" />
          </div>
        )
      ) : narrowed.length > 0 ? (
        narrowed.map((cause) => <CauseBox key={cause.name} cause={cause} />)
      ) : (
        <div className="rounded-md border border-line bg-surface">
          <Empty
            icon={<CircleCheck size={18} />}
            title={
              word
                ? "No missing customer has that name"
                : rows.length === 0
                  ? "There are no customers yet"
                  : customer
                    ? "Nothing keeps this customer from you"
                    : "No customer is missing"
            }
          >
            {word || rows.length === 0
              ? null
              : "Every link holds. If an investigation is still not in sight, look at the filters of the list: closed ones are left out to begin with."}
          </Empty>
        </div>
      )}
    </div>
  );
}

function Seen({ rows }: { rows: Parameters<typeof seen>[0] }) {
  const { seen: those, all } = seen(rows);
  return (
    <span data-testid="seen">
      you see {those} of {plural(all, "customer")}
    </span>
  );
}

/** What one switched off oneself stands before what others have to mend. */
function SwitchedOff() {
  return useMultiCustomer() === false ? (
    <div role="status" className="flex items-center gap-3 rounded-md border border-warn bg-warn-soft px-3 py-2.5">
      <div className="min-w-0 flex-1">
        <div className="font-medium">Multi Customer Investigations is off</div>
        <div className="text-muted">
          You switched it off: there is no view over many customers, and each is open to you by itself.
        </div>
      </div>
      <Link to="/settings/preferences" className={buttonClass()}>
        <UserCog size={14} aria-hidden="true" />
        User preferences
      </Link>
    </div>
  ) : null;
}

/** At most so many rows of one cause are shown before somebody asks for all. */
const SHOWN = 20;

function CauseBox({ cause: { name, rows, count } }: { cause: Cause }) {
  const [all, setAll] = useState(false);
  const administers = useMe().role === "administrator";
  const { why, fix, who } = CAUSE_WORDS[name];
  const shown = all ? rows : rows.slice(0, SHOWN);
  const unnamed = rows.reduce((sum, row) => sum + (row.customer ? 0 : row.count), 0);
  return (
    <section
      aria-label={why}
      data-cause={name}
      className="flex shrink-0 flex-col rounded-md border border-line bg-surface"
    >
      <div className="flex flex-col gap-0.5 px-3 pt-2.5 pb-2">
        <div className="flex items-baseline gap-3">
          <h2 className="text-base font-semibold">{why}</h2>
          <span className="text-sm text-muted">{plural(count, "customer")}</span>
        </div>
        <p>
          <span className="text-muted">What helps: </span>
          {fix}
        </p>
        <p>
          <span className="text-muted">Who can do it: </span>
          {who}
          {administers && WAY[name] ? (
            <>
              {": "}
              <Link to={WAY[name].to} className="text-accent underline underline-offset-2">
                {WAY[name].label}
              </Link>
            </>
          ) : null}
          .
        </p>
      </div>
      <Table label={why} fixed>
        <thead>
          <tr>
            <Th className="w-[26%]">Customer</Th>
            <Th className={cn("w-20", wideClass)}>Region</Th>
            <Th>What was found</Th>
            <Th className="w-52">
              <span className="sr-only">The whole chain</span>
            </Th>
          </tr>
        </thead>
        <tbody>
          {shown.map((row) =>
            row.customer ? (
              <tr key={row.customer.id} className={trClass} data-missing={row.customer.id}>
                <Td className="font-medium">{row.customer.name}</Td>
                <Td className={cn("text-muted", wideClass)}>{row.customer.region}</Td>
                <Td className="text-muted">{foundOf(row)}</Td>
                <Td className="text-right">
                  {name === "NODE" ? (
                    <Link
                      to="/customers/$id"
                      params={{ id: row.customer.id }}
                      search={{ tab: "health" }}
                      className="mr-3 text-accent hover:underline"
                    >
                      Health
                      <span className="sr-only"> of {row.customer.name}</span>
                    </Link>
                  ) : null}
                  <Link
                    to="/access"
                    search={{ customer: row.customer.id }}
                    className="text-accent whitespace-nowrap hover:underline"
                  >
                    The whole chain
                    <span className="sr-only"> for {row.customer.name}</span>
                  </Link>
                </Td>
              </tr>
            ) : null,
          )}
          {unnamed > 0 ? (
            <tr>
              <Td className="text-muted" colSpan={4}>
                {plural(unnamed, "customer")}, not named to you: names are told to those who hold access.
              </Td>
            </tr>
          ) : null}
        </tbody>
      </Table>
      {rows.length > shown.length ? (
        <div className="flex justify-center p-2">
          <Button onClick={() => setAll(true)}>Show all {rows.length}</Button>
        </div>
      ) : null}
    </section>
  );
}

/** Where an administrator mends it. */
const WAY: Partial<Record<Cause["name"], { to: "/technicians" | "/customers" | "/licences"; label: string }>> = {
  DELEGATION: { to: "/technicians", label: "assign the customer" },
  WORKSPACE_ROLE: { to: "/technicians", label: "assign the customer again" },
  ROLE_PERMITS: { to: "/technicians", label: "change the role" },
  CONSOLE_ROLE: { to: "/technicians", label: "change the role" },
  PERSON: { to: "/technicians", label: "open the account" },
  CUSTOMER: { to: "/customers", label: "Customers" },
  NO_LICENCE: { to: "/licences", label: "License Management" },
};

function foundOf(row: Cause["rows"][number]): string {
  const step = missingStep(row);
  if (!step) return "–";
  const said = step.detail ? capital(step.detail) : LINK[step.link];
  return step.remedy ? `${said}. ${capital(step.remedy)}` : said;
}
