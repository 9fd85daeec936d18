import * as api from "../../api/console";
import type { User } from "../../api/types";
import { LinkForm } from "../../components/link-form";
import { Dialog } from "../../ui/dialog";

/** A fresh link for somebody who lost the first, or the password. */
export function NewLink({ user, onClose }: { user: User | null; onClose: () => void }) {
  return (
    <Dialog open={user !== null} onClose={onClose} title={user ? `A new link for ${user.name || user.email}` : ""}>
      {user ? (
        <LinkForm
          key={user.id}
          label="Make a new link"
          make={async () => ({ who: user.email, link: await api.userLink(user.id) })}
          refresh={["users", "audit"]}
          onDone={onClose}
        >
          <p>
            The person sets a new password with it. A link made before no longer works; the present password does until
            the new one is set.
          </p>
        </LinkForm>
      ) : null}
    </Dialog>
  );
}
