import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Eye, KeyRound, MapPin } from "lucide-react";
import { useState } from "react";
import { rememberCsrf } from "../api/http";
import * as api from "../api/node";
import type { NodeMe } from "../api/types";
import { AuthFrame, AuthPoints, NoToken, SetPasswordForm, SignInForm } from "../components/auth";
import { linkToken } from "../lib/link-token";

const aside = (
  <AuthPoints
    title="Your workspace, in your region."
    points={[
      {
        icon: <MapPin size={16} aria-hidden="true" />,
        head: "Your logs stay on this node",
        body: "Events, signals and investigations rest here and nowhere else.",
      },
      {
        icon: <Eye size={16} aria-hidden="true" />,
        head: "You see who was in",
        body: "Every technician of your security provider, the role, who granted it, the last visit.",
      },
      {
        icon: <KeyRound size={16} aria-hidden="true" />,
        head: "You decide",
        body: "Revoke anybody at any moment. It holds, whatever the provider's console says.",
      },
    ]}
  />
);

function useEnter() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async (me: NodeMe) => {
    rememberCsrf(me.csrf);
    queries.clear();
    queries.setQueryData(["me"], me);
    await navigate({ to: "/", replace: true });
  };
}

export function SignInPage() {
  const enter = useEnter();
  return (
    <AuthFrame title="Sign in" lead="To your workspace on this node." aside={aside}>
      <SignInForm
        nameLabel="User name"
        nameType="text"
        onSubmit={async (user, password) => enter(await api.signIn(user, password))}
      />
    </AuthFrame>
  );
}

export function SetupPage() {
  const [token] = useState(() => linkToken(window.location.hash));
  const enter = useEnter();
  return (
    <AuthFrame
      title="Your workspace is ready"
      lead="Choose the password of its administrator. The link you opened works once."
      aside={aside}
    >
      {token === null ? (
        <NoToken />
      ) : (
        <SetPasswordForm
          action="Set password and sign in"
          onSubmit={async (password) => enter(await api.openLink({ token, password }))}
        />
      )}
    </AuthFrame>
  );
}

export function OperatorSetupPage() {
  const [token] = useState(() => linkToken(window.location.hash));
  const enter = useEnter();
  return (
    <AuthFrame
      title="Set up this node"
      lead="You become its first operator: you make workspaces, and see nothing inside them."
      aside={aside}
    >
      {token === null ? (
        <NoToken />
      ) : (
        <SetPasswordForm
          name={{ label: "User name", type: "text", hint: "You sign in with it." }}
          action="Become operator"
          onSubmit={async (password, name) => enter(await api.openLink({ token, name, password }))}
        />
      )}
    </AuthFrame>
  );
}
