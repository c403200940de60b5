import { createHash } from 'node:crypto';
import { openControlLog } from '../control-log.ts';

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentMs: number;
  readonly receives: number;
  readonly firstReceivedMs: number | null;
  readonly visibleAtMs: number;
}

export interface QueueSettings {
  readonly retentionMs: number;
  readonly visibilityMs: number;
  readonly delayMs: number;
  readonly redrive: { readonly arn: string; readonly receivesMax: number } | null;
}

type Entry =
  | { readonly kind: 'put'; readonly message: Message }
  | { readonly kind: 'seen'; readonly id: string; readonly change: Partial<Message> }
  | { readonly kind: 'gone'; readonly id: string };

const REWRITE_SLACK_BYTES = 1024 * 1024;

export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

/** An older handle names a receive that is over: its message is somebody else's by now. */
export const receiptOf = ({ id, receives }: Message): string => `${id}:${receives}`;

/** One standard queue: every change is in its file before it is told to anybody. */
export const openQueue = (
  path: string,
  { settings, now }: { readonly settings: () => QueueSettings; readonly now: () => number },
) => {
  const messages = new Map<string, Message>();
  const listeners = new Set<() => void>();
  const apply = (entry: Entry): void => {
    if (entry.kind === 'put') messages.set(entry.message.id, entry.message);
    else if (entry.kind === 'gone') messages.delete(entry.id);
    else {
      const before = messages.get(entry.id);
      if (before !== undefined) messages.set(entry.id, { ...before, ...entry.change });
    }
  };
  const log = openControlLog<Entry>(path, apply);
  let rewriteAtBytes = 0;
  const rewrite = (): void => {
    log.rewrite([...messages.values()].map((message) => ({ kind: 'put' as const, message })));
    rewriteAtBytes = 2 * log.bytes() + REWRITE_SLACK_BYTES;
  };
  rewrite();
  const write = (entries: readonly Entry[]): void => {
    log.append(entries);
    for (const entry of entries) apply(entry);
    if (log.bytes() > rewriteAtBytes) rewrite();
  };
  const expire = (): void => {
    const oldestMs = now() - settings().retentionMs;
    const old = [...messages.values()].filter(({ sentMs }) => sentMs < oldestMs);
    if (old.length > 0) write(old.map(({ id }) => ({ kind: 'gone', id })));
  };
  const held = (receipt: string): Message | undefined => {
    const message = messages.get(receipt.slice(0, receipt.lastIndexOf(':')));
    return message !== undefined && receiptOf(message) === receipt ? message : undefined;
  };
  return {
    put: (added: readonly Message[]): void => {
      write(added.map((message) => ({ kind: 'put', message })));
      for (const listener of listeners) listener();
    },
    /** What may be seen now, oldest first. */
    visible: (): readonly Message[] => {
      expire();
      return [...messages.values()].filter(({ visibleAtMs }) => visibleAtMs <= now());
    },
    all: (): readonly Message[] => {
      expire();
      return [...messages.values()];
    },
    take: (taken: readonly Message[], visibilityMs: number): readonly Message[] => {
      const seen = taken.map((message) => ({
        ...message,
        receives: message.receives + 1,
        firstReceivedMs: message.firstReceivedMs ?? now(),
        visibleAtMs: now() + visibilityMs,
      }));
      write(
        seen.map(({ id, receives, firstReceivedMs, visibleAtMs }) => {
          const change = { receives, firstReceivedMs, visibleAtMs };
          return { kind: 'seen', id, change };
        }),
      );
      return seen;
    },
    remove: (ids: readonly string[]): void => write(ids.map((id) => ({ kind: 'gone', id }))),
    held,
    hide: ({ id }: Message, visibilityMs: number): void =>
      write([{ kind: 'seen', id, change: { visibleAtMs: now() + visibilityMs } }]),
    onChange: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    settings,
    close: log.close,
  };
};

export type Queue = ReturnType<typeof openQueue>;
