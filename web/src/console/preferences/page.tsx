import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useId } from "react";
import * as api from "../../api/me";
import type { Preferences, WhyNotMany } from "../../api/me-types";
import { useAction } from "../../components/use-action";
import { type Density, setLook, type Theme, useLook } from "../../lib/theme";
import { Panel } from "../../ui/panel";
import { Failure, PageHead, SkeletonRows } from "../../ui/states";
import { Switch } from "../../ui/switch";
import { MissingLink } from "../missing/link";
import { tookEffect, usePreferences } from "./use-preferences";

/** What one person prefers; nothing here changes what anybody else sees. */
export function PreferencesPage() {
  const query = usePreferences();
  return (
    <div className="flex min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="User preferences" note="yours alone" />
      <Panel title="Profile preferences" className="max-w-[860px]">
        {query.error ? (
          <Failure
            error={query.error}
            title={query.data ? "This may be out of date" : "Your preferences could not be read"}
            onRetry={() => void query.refetch()}
          />
        ) : null}
        {query.data ? (
          <MultiCustomer preferences={query.data} />
        ) : query.error ? null : (
          <SkeletonRows rows={2} label="Reading your preferences" />
        )}
      </Panel>
      <Look />
    </div>
  );
}

const WHY_NOT: Record<WhyNotMany, string> = {
  NO_LINKED_CUSTOMER: "It cannot be switched: no customer is linked to this console yet.",
  NO_LICENSED_CUSTOMER:
    "It cannot be switched: customers are linked, and none of them has a licence allocated from the pool.",
};

function MultiCustomer({ preferences }: { preferences: Preferences }) {
  const queries = useQueryClient();
  const { multi_customer: on, multi_customer_available: available } = preferences;
  const locked = available ? null : WHY_NOT[preferences.reason ?? "NO_LINKED_CUSTOMER"];
  const id = useId();
  const change = useAction({
    run: async (multi_customer: boolean) => {
      const next = await api.patchPreferences({ multi_customer });
      await tookEffect(queries, next);
      return next;
    },
    done: (next) => `Multi Customer Investigations is ${next.multi_customer ? "on" : "off"}`,
    refused: "Nothing was changed",
  });
  return (
    <Setting
      title="Multi Customer Investigations"
      id={id}
      says={
        <>
          {on
            ? "On: All investigations shows every customer you may see in one queue."
            : "Off: there is no view over many customers. Each customer stays open to you by itself, under Customers."}
          {locked ? (
            <span className="mt-1 block text-warn-text" data-testid="locked">
              {locked}
            </span>
          ) : null}
          <span className="mt-1 block">
            {locked ? (
              <MissingLink />
            ) : on ? null : (
              <Link to="/customers" search={{}} className="text-accent hover:underline">
                Choose a customer
              </Link>
            )}
          </span>
        </>
      }
    >
      <Switch
        label="Multi Customer Investigations"
        on={on}
        locked={locked}
        busy={change.busy}
        describedBy={id}
        onChange={(next) => change.start(next)}
      />
    </Setting>
  );
}

const THEMES: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
];
const DENSITIES: readonly { value: Density; label: string }[] = [
  { value: "compact", label: "Compact, 28 pixels" },
  { value: "comfortable", label: "Comfortable, 36 pixels" },
];

function Look() {
  const look = useLook();
  const keys = useId();
  return (
    <>
      <Panel title="Keyboard" className="max-w-[860px]">
        <Setting
          title="Single-letter shortcuts"
          id={keys}
          says="Keys such as j, s or c act at once. Turn them off if you dictate, or use a switch device. Enter, arrows, Escape and Ctrl K work in any case; ? lists them all."
        >
          <Switch
            label="Single-letter shortcuts"
            on={look.singleKeys}
            describedBy={keys}
            onChange={(singleKeys) => setLook({ singleKeys })}
          />
        </Setting>
      </Panel>
      <Panel title="Appearance" className="max-w-[860px]">
        <Choice
          legend="Row height"
          value={look.density}
          options={DENSITIES}
          onChoose={(density) => setLook({ density })}
        />
        <Choice legend="Theme" value={look.theme} options={THEMES} onChoose={(theme) => setLook({ theme })} />
        <p className="text-sm text-muted">The theme is kept by this browser; the rest follows you to others.</p>
      </Panel>
    </>
  );
}

interface SettingProps {
  title: string;
  says: ReactNode;
  id: string;
  children: ReactNode;
}

function Setting({ title, says, id, children }: SettingProps) {
  return (
    <div className="flex items-start justify-between gap-6">
      <div className="min-w-0">
        <div className="font-medium">{title}</div>
        <div id={id} className="max-w-2xl text-muted">
          {says}
        </div>
      </div>
      {children}
    </div>
  );
}

interface ChoiceProps<V extends string> {
  legend: string;
  value: V;
  options: readonly { value: V; label: string }[];
  onChoose: (value: V) => void;
}

function Choice<V extends string>({ legend, value, options, onChoose }: ChoiceProps<V>) {
  const name = useId();
  return (
    <fieldset>
      <legend className="mb-1 font-medium">{legend}</legend>
      <div className="flex flex-wrap gap-x-5 gap-y-1">
        {options.map((option) => (
          <label key={option.value} className="flex min-h-6 items-center gap-2">
            <input
              type="radio"
              name={name}
              className="size-4 accent-accent"
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            {option.label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
