import { Link } from "@tanstack/react-router";
import { Check, Minus } from "lucide-react";
import type { Access } from "../../api/types";
import { LINK_MISSING, missingStep, unknownSteps } from "../../lib/access";
import { plural } from "../../lib/format";
import { Table, Td, Th, trClass, wideClass } from "../../ui/table";
import { ChainMarks } from "./chain";

/** Every customer, whether it is reached, and the first link that is missing. */
export function AccessTable({ rows }: { rows: readonly Access[] }) {
  return (
    <Table label="Access">
      <thead>
        <tr>
          <Th className="w-60">Customer</Th>
          <Th className={wideClass}>Region</Th>
          <Th className="w-24">Reached</Th>
          <Th className="w-48">Links</Th>
          <Th>Why</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <Row key={row.customer?.id ?? `others-${index}`} row={row} />
        ))}
      </tbody>
    </Table>
  );
}

function Row({ row }: { row: Access }) {
  const { customer, allowed, count } = row;
  return (
    <tr className={trClass} data-access={customer?.id ?? "others"}>
      <Td className="font-medium">
        {customer ? (
          <Link
            to="/access"
            search={(now) => ({ ...now, customer: customer.id })}
            title="The whole chain"
            className="rounded-sm hover:text-accent hover:underline"
          >
            {customer.name}
          </Link>
        ) : (
          `${plural(count, "customer")}, not named to you`
        )}
      </Td>
      <Td className={`text-muted ${wideClass}`}>{customer?.region ?? "–"}</Td>
      <Td>
        <span className="inline-flex items-center gap-1.5 align-middle">
          {allowed ? (
            <Check size={15} className="text-up" aria-hidden="true" />
          ) : (
            <Minus size={15} className="text-down" aria-hidden="true" />
          )}
          {allowed ? "Yes" : "No"}
        </span>
      </Td>
      <Td>
        <ChainMarks links={row.links} />
      </Td>
      <Td className="py-1.5">
        <Why row={row} />
      </Td>
    </tr>
  );
}

function Why({ row }: { row: Access }) {
  const step = missingStep(row);
  if (row.allowed && !row.missing) {
    const unknown = unknownSteps(row).length;
    return (
      <span className="text-muted">
        {unknown > 0 ? `Every link that is known holds; ${unknown} not known.` : "Every link holds."}
      </span>
    );
  }
  return (
    <>
      <span className="inline-block first-letter:uppercase">
        {row.allowed ? "reached; for now " : ""}
        {row.missing ? LINK_MISSING[row.missing] : "it is not open"}
        {step?.detail ? `: ${step.detail}` : ""}.
      </span>{" "}
      {step?.remedy ? <span className="inline-block text-muted first-letter:uppercase">{step.remedy}.</span> : null}
    </>
  );
}
