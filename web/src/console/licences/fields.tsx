import type { ReactNode } from "react";
import type { LicenceResource } from "../../api/types";
import { cn } from "../../lib/cn";
import { type LicenceDraft, type LicenceFaults, RESOURCE, RESOURCES } from "../../lib/licence";
import { controlClass } from "../../ui/field";
import { Table, Td, Th } from "../../ui/table";
import { Gigabyte } from "./details";

interface Props {
  /** What the numbers are, such as "Allocated". */
  head: string;
  draft: LicenceDraft;
  onChange: (resource: LicenceResource, text: string) => void;
  faults: LicenceFaults;
  /** Columns that stand beside each field. */
  columns: readonly { head: string; of: (resource: LicenceResource) => ReactNode }[];
}

/** A number for each resource, what matters for choosing it beside the field, and what is wrong with it below. */
export function ResourceFields({ head, draft, onChange, faults, columns }: Props) {
  return (
    <div className="overflow-hidden rounded-md border border-line">
      <Table label="Resources">
        <thead>
          <tr>
            <Th>Resource</Th>
            {columns.map((column) => (
              <Th key={column.head}>{column.head}</Th>
            ))}
            <Th className="w-56">{head}</Th>
          </tr>
        </thead>
        <tbody>
          {RESOURCES.map((resource) => {
            const { name, unit, hint } = RESOURCE[resource];
            const fault = faults[resource];
            const note = `fault-${resource}`;
            return (
              <tr key={resource} data-resource={resource}>
                <Td className="py-1.5 align-top">
                  <div className="leading-7 font-medium">{name}</div>
                  <div className="text-sm text-muted">{hint}</div>
                </Td>
                {columns.map((column) => (
                  <Td key={column.head} className="py-1.5 align-top leading-7 whitespace-nowrap">
                    {column.of(resource)}
                  </Td>
                ))}
                <Td className="py-1.5 align-top">
                  <div className="flex items-center gap-2">
                    <input
                      aria-label={`${name}, ${unit}: ${head.toLowerCase()}`}
                      aria-invalid={fault !== undefined}
                      aria-describedby={fault ? note : undefined}
                      inputMode="decimal"
                      autoComplete="off"
                      placeholder="No limit"
                      className={cn(controlClass, "w-28 text-right")}
                      value={draft[resource]}
                      onChange={(event) => onChange(resource, event.target.value)}
                    />
                    <span className="text-muted">{unit}</span>
                  </div>
                  {fault ? (
                    <div id={note} role="alert" className="mt-1 text-sm text-danger">
                      {fault}
                    </div>
                  ) : null}
                </Td>
              </tr>
            );
          })}
        </tbody>
      </Table>
    </div>
  );
}

/** What a GB is, and what an empty field means. */
export function Legend() {
  return (
    <p className="text-sm text-muted">
      An empty field is no limit. <Gigabyte />
    </p>
  );
}
