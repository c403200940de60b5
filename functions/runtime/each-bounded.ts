/** Works on so many at once; rejects with the first fault, once what runs beside it has ended. */
export const eachBounded = async <T>(
  items: readonly T[],
  atOnceMax: number,
  each: (item: T) => Promise<void>,
): Promise<void> => {
  const waiting = items.values();
  const worker = async (): Promise<void> => {
    for (const item of waiting) await each(item);
  };
  const lanes = Array.from({ length: Math.min(atOnceMax, items.length) }, worker);
  const ends = await Promise.allSettled(lanes);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
};
