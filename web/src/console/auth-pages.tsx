import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { Globe, ListChecks, ShieldCheck } from "lucide-react";
import { useState } from "react";
import * as api from "../api/console";
import { rememberCsrf } from "../api/http";
import type { Me } from "../api/types";
import { AuthFrame, AuthPoints, NoToken, SetPasswordForm, SignInForm } from "../components/auth";
import { linkToken } from "../lib/link-token";
import { forgetRows } from "./forget";

const aside = (
  <AuthPoints
    title="Every customer's SIEM, one queue."
    points={[
      {
        icon: <ListChecks size={16} aria-hidden="true" />,
        head: "One queue over all customers",
        body: "Sorted by what needs you first, and honest about which customers did not answer.",
      },
      {
        icon: <Globe size={16} aria-hidden="true" />,
        head: "Data stays in its region",
        body: "Rows come live from each customer's own node. Nothing of theirs is kept here.",
      },
      {
        icon: <ShieldCheck size={16} aria-hidden="true" />,
        head: "Two gates",
        body: "A grant here and a role there. The customer sees who was in, and can revoke it.",
      },
    ]}
  />
);

function useEnter() {
  const queries = useQueryClient();
  return (me: Me) => {
    rememberCsrf(me.csrf);
    queries.clear();
    forgetRows();
    queries.setQueryData(["me"], me);
  };
}

export function SignInPage() {
  const { next } = useSearch({ from: "/sign-in" });
  const enter = useEnter();
  const router = useRouter();
  return (
    <AuthFrame title="Sign in" lead="To the console of your security team." aside={aside}>
      <SignInForm
        nameLabel="Mail address"
        nameType="email"
        onSubmit={async (email, password) => {
          enter(await api.signIn(email, password));
          router.history.push(ownPath(next));
        }}
      />
    </AuthFrame>
  );
}

/** Where to go after signing in: a path of this console, whatever the address says. */
function ownPath(next: string | undefined): string {
  return next?.startsWith("/") && !next.startsWith("//") && !next.startsWith("/\\") ? next : "/";
}

export function SetupPage() {
  const [token] = useState(() => linkToken(window.location.hash));
  const enter = useEnter();
  const navigate = useNavigate();
  return (
    <AuthFrame
      title="Set up this console"
      lead="You become its first administrator. The link you opened works once."
      aside={aside}
    >
      {token === null ? (
        <NoToken />
      ) : (
        <SetPasswordForm
          name={{ label: "Your mail address", type: "email", hint: "You sign in with it." }}
          action="Become administrator"
          onSubmit={async (password, name) => {
            enter(await api.openLink({ token, name, password }));
            await navigate({ to: "/customers", replace: true });
          }}
        />
      )}
    </AuthFrame>
  );
}

export function WelcomePage() {
  const [token] = useState(() => linkToken(window.location.hash));
  const enter = useEnter();
  const navigate = useNavigate();
  return (
    <AuthFrame
      title="Welcome"
      lead="Choose the password you will sign in with. The link you opened works once."
      aside={aside}
    >
      {token === null ? (
        <NoToken />
      ) : (
        <SetPasswordForm
          action="Set password and sign in"
          onSubmit={async (password) => {
            enter(await api.openLink({ token, password }));
            await navigate({ to: "/", replace: true });
          }}
        />
      )}
    </AuthFrame>
  );
}
