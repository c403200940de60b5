/** The drain's side of the spill queue: when a message comes again that could not be put. */
export interface SpilledMessages {
  /** Throws where one of them was not hidden; it then comes after the time that is the queue's own. */
  readonly hide: (hidings: readonly Hiding[]) => Promise<void>;
}

export interface Hiding {
  /** Of the receive that is still held. */
  readonly receipt: string;
  readonly seconds: number;
}
