import type { SQSEvent } from 'aws-lambda';
import { cutSpill } from '../../functions/core/event/spill.ts';
import type { SpillQueue } from '../../functions/ports/spill-queue.ts';
import type { SpilledMessages } from '../../functions/ports/spilled-messages.ts';
import type { Invocation } from '../../localstack/cloud.ts';
import { finishedOf } from '../../localstack/services/mapping/queue-runner.ts';
import type { Faults } from './faults.ts';
import { FunctionModel, type Handler, type MappingWorld } from './function-model.ts';
import { type Process, WorldFault } from './process.ts';
import { below, type Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

interface Message {
  readonly id: string;
  readonly body: string;
  readonly sentAtMs: number;
  receives: number;
  visibleAtMs: number;
}

/** As the template has them: six times the timeout of `drain`, and the receives of a standard queue. */
const VISIBILITY_MS = 120_000;
const RECEIVES_MAX = 1_000;
const DRAIN_TIMEOUT_MS = 20_000;
const MESSAGES_MAX = 10;
const CALLS_MAX = 2;
/** A message may be handed out a second time before the first has its answer. */
const TWICE_MS = 50;

/** The spill queue: in no order, at least once, each receive with a receipt of its own. */
export class QueueModel {
  readonly messages = new Map<string, Message>();
  onChange: () => void = () => undefined;
  onPut: (body: string) => void = () => undefined;
  readonly #scheduler: Scheduler;
  readonly #faults: Faults;
  readonly #random: Random;
  #ids = 0;

  constructor({ scheduler, faults, randoms }: MappingWorld) {
    this.#scheduler = scheduler;
    this.#faults = faults;
    this.#random = randoms.faults;
  }

  port(process: Process): SpillQueue {
    const faults = this.#faults;
    return {
      spill: async (records) => {
        const outcomes: ('spilled' | 'failed')[] = records.map(() => 'failed');
        const fails = faults.happens('spill fails before its effect', 4);
        const isLost = faults.happens('spill happens, its answer is lost', 4);
        const isPartial = faults.happens('spill is partial', 4);
        await process.call('spill', () => {
          if (fails) return;
          for (const { body, places } of cutSpill(records)) {
            if (isPartial && this.#random() < 0.5) continue;
            this.#put(body);
            for (const place of places) outcomes[place] = 'spilled';
          }
        });
        if (!fails && !isLost) return { outcomes };
        return { outcomes: records.map(() => 'failed'), fault: new WorldFault('spill failed') };
      },
    };
  }

  /** The drain's side. */
  messagesPort(process: Process): SpilledMessages {
    return {
      hide: (hidings) =>
        process.call('hide', () => {
          for (const { receipt, seconds } of hidings) {
            const message = [...this.messages.values()].find((one) => receiptOf(one) === receipt);
            if (message === undefined) throw new WorldFault('somebody else holds it');
            this.#hide(message, seconds * 1_000);
          }
        }),
    };
  }

  #hide(message: Message, ms: number): void {
    message.visibleAtMs = this.#scheduler.nowMs + ms;
    this.#scheduler.after(ms, 'a message is in sight again', () => this.onChange());
  }

  #put(body: string): void {
    this.#ids += 1;
    const { nowMs } = this.#scheduler;
    const id = `message-${this.#ids}`;
    this.messages.set(id, { id, body, sentAtMs: nowMs, receives: 0, visibleAtMs: nowMs });
    this.onPut(body);
    this.onChange();
  }

  /** Some of what may be seen now, from anywhere in the queue. */
  receive(messagesMax: number): readonly Message[] {
    const { nowMs } = this.#scheduler;
    const visible = [...this.messages.values()].filter(({ visibleAtMs }) => visibleAtMs <= nowMs);
    const from = below(this.#random, visible.length);
    const taken = [...visible.slice(from), ...visible.slice(0, from)].slice(0, messagesMax);
    for (const message of taken) {
      message.receives += 1;
      if (message.receives > RECEIVES_MAX) throw new Error('a message is given up');
      const isTwice = this.#faults.happens('message is delivered twice', 4);
      this.#hide(message, isTwice ? TWICE_MS : VISIBILITY_MS);
    }
    return taken;
  }

  /** A receipt of an earlier receive deletes nothing. */
  remove(id: string, receives: number): void {
    if (this.messages.get(id)?.receives === receives) this.messages.delete(id);
  }
}

/** The mapping of the queue and its function. */
export class QueueMappingModel {
  readonly function: FunctionModel;
  readonly #queue: QueueModel;
  #calls = 0;

  constructor(world: MappingWorld, queue: QueueModel, start: (process: Process) => Handler) {
    this.function = new FunctionModel(world, 'drain', DRAIN_TIMEOUT_MS, start);
    this.#queue = queue;
    queue.onChange = () => world.scheduler.after(0, 'poll drain', () => this.#poll());
  }

  idle(): boolean {
    return this.#queue.messages.size === 0;
  }

  #poll(): void {
    while (this.#calls < CALLS_MAX) {
      const messages = this.#queue.receive(MESSAGES_MAX);
      if (messages.length === 0) return;
      this.#calls += 1;
      this.#invoke(messages);
    }
  }

  #invoke(messages: readonly Message[]): void {
    const held = messages.map((message) => ({
      id: message.id,
      receipt: receiptOf(message),
      receives: message.receives,
      body: recordOf(message),
    }));
    const payload = JSON.stringify({ Records: held.map(({ body }) => body) });
    this.function.invoke(payload, (result: Invocation) => {
      for (const { id } of finishedOf(result, held, true))
        this.#queue.remove(id, held.find((one) => one.id === id)?.receives ?? 0);
      this.#calls -= 1;
      this.#poll();
    });
  }
}

const receiptOf = ({ id, receives }: Message): string => `${id}:${receives}`;

const recordOf = (message: Message) =>
  ({
    messageId: message.id,
    receiptHandle: receiptOf(message),
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receives),
      SentTimestamp: String(message.sentAtMs),
      SenderId: '000000000000',
      ApproximateFirstReceiveTimestamp: String(message.sentAtMs),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:spill',
    awsRegion: 'eu-west-1',
  }) satisfies SQSEvent['Records'][number];
