import * as api from "../../api/console";
import type { Group } from "../../api/types";
import { useAction } from "../../components/use-action";
import { isGroupInUse } from "../../lib/access";
import { plural } from "../../lib/format";
import { Button } from "../../ui/button";
import { Dialog, DialogActions } from "../../ui/dialog";
import { FormError } from "../../ui/field";
import { words } from "../../ui/states";

/** Takes a group away; its customers stay. */
export function DeleteGroup({ group, onClose }: { group: Group | null; onClose: () => void }) {
  return (
    <Dialog open={group !== null} onClose={onClose} title={group ? `Delete the group ${group.name}?` : ""}>
      {group ? <Asked key={group.id} group={group} onDone={onClose} /> : null}
    </Dialog>
  );
}

function Asked({ group, onDone }: { group: Group; onDone: () => void }) {
  const remove = useAction({
    run: (force: boolean) => api.removeGroup(group.id, force),
    done: () => `Group ${group.name} was deleted`,
    refresh: ["groups", "customers", "grants", "delegations", "users", "access", "audit"],
  });
  // Somebody may have delegated it since the list was read.
  const used = group.delegation_count > 0 || isGroupInUse(remove.error);
  return (
    <div className="flex flex-col gap-4">
      <p>
        Its {plural(group.customer_count, "customer")} stay.
        {used
          ? ` ${plural(Math.max(1, group.delegation_count), "delegation")} ${group.delegation_count > 1 ? "name" : "names"} it: ${
              group.delegation_count > 1 ? "they go" : "it goes"
            } with the group, and who has no other delegation loses these customers at once.`
          : " No delegation names it: nobody loses access."}
      </p>
      {remove.error && !isGroupInUse(remove.error) ? <FormError>{words(remove.error)}</FormError> : null}
      <DialogActions>
        <Button onClick={onDone}>Cancel</Button>
        <Button look="danger" busy={remove.busy} onClick={() => remove.start(used, onDone)}>
          {used ? "Delete group and delegations" : "Delete group"}
        </Button>
      </DialogActions>
    </div>
  );
}
