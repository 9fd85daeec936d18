import { useLocation, useNavigate, useSearch } from "@tanstack/react-router";
import { Crosshair, Plus } from "lucide-react";
import { useState } from "react";
import * as api from "../../api/detection";
import type { EntitySetting } from "../../api/types";
import { Rows } from "../../components/rows";
import { SearchBox } from "../../components/search-box";
import { count } from "../../lib/format";
import { usePages } from "../../lib/pages";
import { readFragment, writeFragment } from "../../lib/search";
import { ENTITY_KINDS } from "../../lib/words";
import { Button } from "../../ui/button";
import { Select } from "../../ui/select";
import { Empty } from "../../ui/states";
import { EntityDialog } from "./entity-form";
import { EntityTable, SettingTable } from "./entity-tables";
import { DetectionFrame } from "./frame";

/** What signals are about, and how much each matters here. */
export function EntitiesPage() {
  const { type } = useSearch({ from: "/frame/detection/entities" });
  const q = readFragment(useLocation({ select: (l) => l.hash }));
  const navigate = useNavigate({ from: "/detection/entities" });
  const [editing, setEditing] = useState<EntitySetting | null>(null);
  const filter = { type, q: q || undefined };
  const entities = usePages(["entities", filter], (cursor) => api.entities(filter, cursor), 15_000);
  const settings = usePages(["entity-settings"], (cursor) => api.entitySettings(cursor));
  const known = new Map(settings.rows?.map((setting) => [`${setting.type} ${setting.value}`, setting]));
  const settingOf = (kind: string, value: string): EntitySetting =>
    known.get(`${kind} ${value}`) ?? { type: kind, value, criticality: null, suppressed: false, notes: "" };
  return (
    <DetectionFrame
      title="Entities"
      note={entities.rows ? `${count(entities.rows.length)}${entities.more ? " seen last" : ""}` : null}
      actions={
        <Button
          look="primary"
          icon={<Plus size={15} aria-hidden="true" />}
          onClick={() => setEditing({ type: "hostname", value: "", criticality: null, suppressed: false, notes: "" })}
        >
          Add setting
        </Button>
      }
    >
      {settings.rows && settings.rows.length > 0 ? (
        <Rows label="Settings of entities" className="max-h-[38%] shrink-0" {...settings} empty={null}>
          {(rows) => <SettingTable rows={rows} onEdit={setEditing} />}
        </Rows>
      ) : null}
      <div className="flex items-center gap-2">
        <SearchBox
          label="Search entities"
          placeholder="A part of the value"
          className="flex-1"
          value={q}
          onChange={(words) => void navigate({ search: true, hash: writeFragment(words), replace: true })}
        />
        <Select
          aria-label="Kind"
          className="w-40"
          value={type ?? ""}
          onChange={(event) =>
            void navigate({ search: { type: event.target.value || undefined }, hash: true, replace: true })
          }
        >
          <option value="">Any kind</option>
          {ENTITY_KINDS.map((kind) => (
            <option key={kind} value={kind}>
              {kind}
            </option>
          ))}
        </Select>
      </div>
      <Rows
        label="Entities"
        className="min-h-40"
        {...entities}
        error={entities.error ?? settings.error}
        onRetry={() => {
          entities.onRetry();
          settings.onRetry();
        }}
        empty={
          <Empty icon={<Crosshair size={18} />} title={type || q ? "No entity fits" : "No entities yet"}>
            Hosts, users, addresses and whatever else signals are about are listed here, with how much each matters.
          </Empty>
        }
      >
        {(rows) => (
          <EntityTable rows={rows} onEdit={(row) => setEditing(settingOf(row.entity.type, row.entity.value))} />
        )}
      </Rows>
      <EntityDialog setting={editing} onClose={() => setEditing(null)} />
    </DetectionFrame>
  );
}
