import { useQuery } from "@tanstack/react-query";
import * as api from "../../api/console";
import { Panel } from "../../ui/panel";
import { Failure, PageHead, SkeletonRows } from "../../ui/states";
import { AdministratorsOnly } from "../frame";
import { useMe } from "../me";
import { SettingsForm } from "./form";
import { Reached } from "./reached";

/** What belongs to every customer, set once. */
export function CustomerSettingsPage() {
  return useMe().role === "administrator" ? <Settings /> : <AdministratorsOnly />;
}

function Settings() {
  const query = useQuery({ queryKey: ["customer-settings"], queryFn: api.customerSettings });
  return (
    <div className="flex min-w-[892px] flex-col gap-2.5 p-3">
      <PageHead title="Customer settings" note="for every customer, new ones included" />
      <p className="max-w-3xl text-muted">
        What is set here goes to each customer’s node by its next sync. What a customer’s own administrator decided
        stays as it is; the page of each customer says who decided.
      </p>
      <div className="grid grid-cols-[minmax(0,3fr)_minmax(0,2fr)] items-start gap-2.5">
        <Panel title="Settings">
          {query.error ? (
            <Failure error={query.error} title="The settings could not be read" onRetry={() => void query.refetch()} />
          ) : null}
          {query.data ? (
            <SettingsForm settings={query.data} />
          ) : query.error ? null : (
            <SkeletonRows rows={6} label="Reading the settings" />
          )}
        </Panel>
        {query.data ? <Reached settings={query.data} /> : null}
      </div>
    </div>
  );
}
