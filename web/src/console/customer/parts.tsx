import { useQuery } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, CircleHelp, CircleX } from "lucide-react";
import type { ReactNode } from "react";
import * as api from "../../api/console";
import type { Component, ComponentState, ContentVersion, SettingOrigins } from "../../api/types";
import { plural } from "../../lib/format";
import { COMPONENT, COMPONENT_STATE, componentValue, ORIGIN } from "../../lib/sync";
import { CopyButton } from "../../ui/copy";
import { FactRow, Facts } from "../../ui/facts";
import { Age } from "../../ui/marks";
import { Table, Td, Th, trClass } from "../../ui/table";

const REFRESH_MS = 5000;

/** What the node told last, and how that went. */
export function useSyncStatus(id: string) {
  return useQuery({
    queryKey: ["customers", id, "sync"],
    queryFn: () => api.syncStatus(id),
    refetchInterval: REFRESH_MS,
  });
}

const marks: Record<ComponentState, ReactNode> = {
  OK: <CircleCheck size={14} className="text-ok-text" aria-hidden="true" />,
  DEGRADED: <CircleAlert size={14} className="text-warn-text" aria-hidden="true" />,
  DOWN: <CircleX size={14} className="text-danger" aria-hidden="true" />,
  UNKNOWN: <CircleHelp size={14} className="text-muted" aria-hidden="true" />,
};

/** The parts of a node as they are for this customer. */
export function Components({ components }: { components: readonly Component[] }) {
  return (
    <Table label="Components">
      <thead>
        <tr>
          <Th>Component</Th>
          <Th>State</Th>
          <Th>Since</Th>
          <Th>Value</Th>
          <Th className="w-[40%]">Why</Th>
        </tr>
      </thead>
      <tbody>
        {components.map((component) => (
          <tr key={component.name} className={trClass} data-component={component.name}>
            <Td className="font-medium whitespace-nowrap">{COMPONENT[component.name] ?? component.name}</Td>
            <Td>
              <span className="inline-flex items-center gap-1.5 align-middle whitespace-nowrap">
                {marks[component.state]}
                {COMPONENT_STATE[component.state]}
              </span>
            </Td>
            <Td className="text-muted">{component.since ? <Age time={component.since} /> : "–"}</Td>
            <Td className="whitespace-nowrap">{componentValue(component) ?? <span className="text-muted">–</span>}</Td>
            <Td className="break-words text-muted">{component.detail ?? ""}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

export function Content({ content }: { content: ContentVersion }) {
  const { node_version, rules, own_rules, rules_digest, parsers, parsers_digest } = content;
  return (
    <Facts>
      <FactRow label="Node">version {node_version}</FactRow>
      <FactRow label="Rules">
        {plural(rules, "rule")} with the node, {own_rules} of its own
        <Digest name="rules" digest={rules_digest} />
      </FactRow>
      <FactRow label="Parsers">
        {plural(parsers, "parser")} in use
        <Digest name="parsers" digest={parsers_digest} />
      </FactRow>
    </Facts>
  );
}

/** Tells at a glance whether two customers work with the same. */
function Digest({ name, digest }: { name: string; digest: string }) {
  return (
    <span className="-my-1 flex items-center gap-1 text-muted">
      digest
      <code className="mono" title={digest}>
        {digest.slice(0, 12)}…
      </code>
      <CopyButton compact text={digest} label={`Copy the digest of its ${name}`} />
    </span>
  );
}

export function Origins({ origins }: { origins: SettingOrigins }) {
  return (
    <Facts>
      <FactRow label="Retention">{ORIGIN[origins.retention]}</FactRow>
      <FactRow label="Detection">{ORIGIN[origins.detection]}</FactRow>
    </Facts>
  );
}
