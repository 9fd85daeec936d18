import { type FormEvent, type ReactNode, useState } from "react";
import { ApiError } from "../api/http";
import { Button } from "../ui/button";
import { FormError, TextField } from "../ui/field";
import { words } from "../ui/states";
import { Brand } from "./shell";

/** The frame of the pages before anybody is signed in. */
export function AuthFrame({
  title,
  lead,
  aside,
  children,
}: {
  title: string;
  lead: ReactNode;
  aside: ReactNode;
  children: ReactNode;
}) {
  return (
    <main className="grid min-h-full grid-cols-1 lg:grid-cols-[minmax(0,5fr)_minmax(0,4fr)]">
      <div className="flex flex-col px-8 py-7 lg:px-16">
        <Brand large />
        <div className="mx-auto flex w-full max-w-[360px] flex-1 flex-col justify-center pb-24">
          <h1 className="text-xl font-semibold">{title}</h1>
          <p className="mt-1 mb-6 text-muted">{lead}</p>
          {children}
        </div>
      </div>
      <aside className="hidden flex-col justify-center border-l border-line bg-surface px-14 lg:flex">{aside}</aside>
    </main>
  );
}

/** Three true sentences about the place one is about to enter. */
export function AuthPoints({
  title,
  points,
}: {
  title: string;
  points: readonly { icon: ReactNode; head: string; body: string }[];
}) {
  return (
    <div className="max-w-md">
      <p className="text-lg font-semibold">{title}</p>
      <ul className="mt-6 flex flex-col gap-5">
        {points.map((point) => (
          <li key={point.head} className="flex gap-3">
            <span className="mt-0.5 flex size-7 shrink-0 items-center justify-center rounded-sm bg-selected text-accent">
              {point.icon}
            </span>
            <div>
              <div className="font-medium">{point.head}</div>
              <div className="text-muted">{point.body}</div>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

interface SignInProps {
  nameLabel: string;
  nameType: "email" | "text";
  onSubmit: (name: string, password: string) => Promise<void>;
}

export function SignInForm({ nameLabel, nameType, onSubmit }: SignInProps) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const { busy, error, run } = useSubmit(() => onSubmit(name.trim(), password));
  return (
    <form onSubmit={run} className="flex flex-col gap-4">
      <TextField
        label={nameLabel}
        type={nameType}
        autoComplete="username"
        autoFocus
        required
        value={name}
        onChange={setName}
      />
      <TextField
        label="Password"
        type="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={setPassword}
      />
      <FormError>{error ? signInWords(error) : null}</FormError>
      <Button type="submit" look="primary" busy={busy} className="h-8">
        Sign in
      </Button>
    </form>
  );
}

function signInWords(error: unknown): string {
  const code = error instanceof ApiError ? error.code : "";
  if (code === "AUTH_FAILED") return "That name and password do not belong together. Check both and try again.";
  if (code === "THROTTLED") return "Too many attempts. Wait a minute, then try again.";
  return words(error);
}

const SHORTEST = 12;

interface SetPasswordProps {
  /** Asks for a name as well: for the first administrator or operator only. */
  name?: { label: string; type: "email" | "text"; hint?: string };
  action: string;
  onSubmit: (password: string, name: string | null) => Promise<void>;
}

/** Sets a password, typed twice, by a single-use link. */
export function SetPasswordForm({ name: wanted, action, onSubmit }: SetPasswordProps) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [tried, setTried] = useState(false);
  const short =
    password.length < SHORTEST ? `At least ${SHORTEST} characters; ${SHORTEST - password.length} to go.` : null;
  const differs = again !== password ? "The two passwords differ." : null;
  const { busy, error, run } = useSubmit(async () => {
    setTried(true);
    if (!short && !differs) await onSubmit(password, wanted ? name.trim() : null);
  });
  return (
    <form onSubmit={run} className="flex flex-col gap-4">
      {wanted ? (
        <TextField
          label={wanted.label}
          type={wanted.type}
          hint={wanted.hint}
          autoComplete="username"
          autoFocus
          required
          value={name}
          onChange={setName}
        />
      ) : null}
      <TextField
        label="Password"
        type="password"
        autoComplete="new-password"
        autoFocus={!wanted}
        required
        value={password}
        onChange={setPassword}
        hint={
          password && short ? short : `At least ${SHORTEST} characters. A sentence is easier to keep than a riddle.`
        }
        error={tried ? short : null}
      />
      <TextField
        label="Password again"
        type="password"
        autoComplete="new-password"
        required
        value={again}
        onChange={setAgain}
        error={tried || again.length >= password.length ? (again ? differs : null) : null}
      />
      <FormError>{error ? words(error) : null}</FormError>
      <Button type="submit" look="primary" busy={busy} className="h-8">
        {action}
      </Button>
    </form>
  );
}

/** Shown where a link lacks its token: nothing can be set without one. */
export function NoToken() {
  return (
    <FormError>
      This address lacks the token of a single-use link. Open the whole link you were given, including the part after #.
    </FormError>
  );
}

function useSubmit(submit: () => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const run = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await submit();
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, run };
}
