import { Bot, Eye, Lock, MessageSquare, Trash2 } from "lucide-react";
import { type Ref, useState } from "react";
import type { Attachment, Author, Comment, Visibility } from "../../api/case-types";
import { cn } from "../../lib/cn";
import { Button, IconButton } from "../../ui/button";
import { controlClass } from "../../ui/field";
import { Age, Badge, Moment } from "../../ui/marks";
import { Empty, words } from "../../ui/states";
import { Confirm, type Question } from "../confirm";
import { Rows } from "../rows";
import { useAction } from "../use-action";
import { CASE_LISTS, useCase, useComments } from "./case-context";
import { DropArea, FileChips, UploadList } from "./files";
import { useUploads } from "./uploads";

const MOST_CHARACTERS = 10_000;

/** Who reads a comment, said so that it cannot be overlooked. */
export function VisibilityBadge({ visibility, other }: { visibility: Visibility; other: string }) {
  return visibility === "INTERNAL" ? (
    <Badge title={`${other} does not see it`}>
      <Lock size={12} aria-hidden="true" />
      Internal: provider only
    </Badge>
  ) : (
    <Badge tone="warn" title={`${other} reads it`}>
      <Eye size={12} aria-hidden="true" />
      Public: {other} reads it
    </Badge>
  );
}

export function AuthorName({ author }: { author: Author }) {
  return (
    <span className="inline-flex items-center gap-1 font-medium" title={author.email}>
      {author.kind === "USER" ? null : <Bot size={14} className="text-muted" aria-hidden="true" />}
      {author.name || author.email}
      {author.kind === "API_KEY" ? <span className="font-normal text-muted">by an API key</span> : null}
    </span>
  );
}

/** What people wrote, oldest first, and the place to write more. */
export function Comments({ field }: { field?: Ref<HTMLTextAreaElement> }) {
  const { mayComment, provider } = useCase();
  const query = useComments();
  const [question, setQuestion] = useState<Question | null>(null);
  const rows = query.data?.data;
  const ordered = rows && [...rows].sort((a, b) => Date.parse(a.created_time) - Date.parse(b.created_time));
  return (
    <div className="flex min-h-80 flex-1 flex-col gap-2.5">
      <Rows
        label="Comments"
        className="flex-1"
        rows={ordered}
        error={query.error}
        onRetry={() => void query.refetch()}
        skeleton={3}
        empty={
          <Empty icon={<MessageSquare size={18} />} title="No comments">
            {provider
              ? "Internal ones stay among the provider’s people; public ones are read by the customer, too."
              : "Your provider’s people read what you write here."}
          </Empty>
        }
      >
        {(rows) => (
          <ol className="flex flex-col">
            {rows.map((comment) => (
              <CommentItem key={comment.id} comment={comment} onAsk={setQuestion} />
            ))}
          </ol>
        )}
      </Rows>
      {mayComment ? <Composer field={field} /> : null}
      <Confirm question={question} onClose={() => setQuestion(null)} />
    </div>
  );
}

function CommentItem({ comment, onAsk }: { comment: Comment; onAsk: (question: Question) => void }) {
  const { me, mayEdit, provider, other, source } = useCase();
  const mine = comment.author.kind === "USER" && comment.author.email.toLowerCase() === me.toLowerCase();
  const open = comment.visibility === "PUBLIC";
  const turn = useAction({
    run: () => source.showComment(comment.id, open ? "INTERNAL" : "PUBLIC"),
    refused: "Not changed",
    refresh: CASE_LISTS,
  });
  return (
    <li
      data-comment={comment.id}
      data-visibility={comment.visibility}
      className={cn(
        "flex flex-col gap-1.5 border-b border-line border-l-4 px-4 py-2.5",
        open ? "border-l-warn bg-warn-soft" : "border-l-control",
      )}
    >
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <AuthorName author={comment.author} />
        <span className="text-muted">
          <Moment time={comment.created_time} long /> (<Age time={comment.created_time} /> ago)
        </span>
        {provider ? <VisibilityBadge visibility={comment.visibility} other={other} /> : null}
        <span className="ml-auto flex items-center gap-1">
          {provider && mayEdit ? (
            <Button
              look="quiet"
              className="h-6"
              busy={turn.busy}
              onClick={() =>
                open
                  ? turn.start()
                  : onAsk({
                      title: `Show this comment to ${other}?`,
                      meaning: (
                        <>
                          Its people can read it from then on.
                          <span className="mt-2 block border-l-4 border-control pl-3 whitespace-pre-wrap">
                            {comment.body.slice(0, 400)}
                          </span>
                        </>
                      ),
                      action: "Make it public",
                      danger: false,
                      done: `${other} can read the comment now`,
                      run: () => source.showComment(comment.id, "PUBLIC"),
                      refresh: CASE_LISTS,
                    })
              }
            >
              {open ? "Make internal" : "Make public…"}
            </Button>
          ) : null}
          {mine ? (
            <IconButton
              label="Delete your comment"
              className="size-6"
              onClick={() =>
                onAsk({
                  title: "Delete your comment?",
                  meaning: "It is gone for everybody. That it was there stays in the audit.",
                  action: "Delete it",
                  danger: true,
                  done: "The comment is deleted",
                  run: () => source.removeComment(comment.id),
                  refresh: CASE_LISTS,
                })
              }
            >
              <Trash2 size={14} aria-hidden="true" />
            </IconButton>
          ) : null}
        </span>
      </div>
      <p className="break-words whitespace-pre-wrap">{comment.body}</p>
      <FileChips files={comment.attachments} />
    </li>
  );
}

function Composer({ field }: { field?: Ref<HTMLTextAreaElement> }) {
  const { source, provider, other } = useCase();
  const [body, setBody] = useState("");
  const [visibility, setVisibility] = useState<Visibility>(provider ? "INTERNAL" : "PUBLIC");
  const [files, setFiles] = useState<readonly Attachment[]>([]);
  const { uploads, start, dismiss } = useUploads((file) => setFiles((now) => [...now, file]));
  const open = visibility === "PUBLIC";
  const sending = uploads.some(({ error }) => error === null);
  const add = useAction({
    run: () =>
      source.addComment(
        provider ? { body: body.trim(), visibility, attachments: files.map(({ id }) => id) } : { body: body.trim() },
      ),
    refresh: CASE_LISTS,
    after: () => {
      setBody("");
      setFiles([]);
      if (provider) setVisibility("INTERNAL");
    },
  });
  const submit = () => {
    if (body.trim() !== "" && !sending) add.start();
  };
  return (
    <form
      aria-label="New comment"
      className={cn(
        "flex shrink-0 flex-col gap-2 rounded-md border-2 bg-surface p-2.5",
        provider && open ? "border-warn" : "border-line",
      )}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={field}
        aria-label="Comment"
        rows={3}
        maxLength={MOST_CHARACTERS}
        placeholder={
          open && provider
            ? `${other} will read this…`
            : provider
              ? "A note among the provider’s people…"
              : "Write to your provider…"
        }
        className={cn(controlClass, "h-auto py-1.5")}
        value={body}
        onChange={(event) => setBody(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) submit();
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
      <FileChips files={files} onRemove={(file) => setFiles((now) => now.filter((each) => each !== file))} />
      <UploadList uploads={uploads} onDismiss={dismiss} />
      {add.error ? (
        <p role="alert" className="text-danger">
          {words(add.error)}
        </p>
      ) : null}
      <div className="flex flex-wrap items-center gap-3">
        {provider ? (
          <fieldset className="flex items-center gap-3">
            <legend className="sr-only">Who reads it</legend>
            {(["INTERNAL", "PUBLIC"] as const).map((each) => (
              <label key={each} className="flex items-center gap-1.5">
                <input
                  type="radio"
                  name="visibility"
                  className="size-4 accent-accent"
                  checked={visibility === each}
                  onChange={() => setVisibility(each)}
                />
                {each === "INTERNAL" ? "Internal" : "Public"}
              </label>
            ))}
          </fieldset>
        ) : null}
        {provider ? <DropArea label="Attach" onFiles={start} /> : null}
        <span className="ml-auto text-sm text-muted">Ctrl Enter sends</span>
        <Button type="submit" look="primary" busy={add.busy} disabled={body.trim() === "" || sending}>
          {provider ? (open ? `Comment so that ${other} reads it` : "Comment internally") : "Comment"}
        </Button>
      </div>
    </form>
  );
}
