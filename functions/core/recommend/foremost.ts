/** The places of the greatest scores, without sorting the rest. */

/** Whether the left place comes first: by score, then by id. */
export type IsBefore = (left: number, right: number) => boolean;

const sink = (heap: number[], isBefore: IsBefore): void => {
  const moved = heap[0] ?? 0;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    const right = child + 1;
    if (right < heap.length && isBefore(heap[child] ?? 0, heap[right] ?? 0)) child = right;
    if (!isBefore(moved, heap[child] ?? 0)) break;
    heap[at] = heap[child] ?? 0;
    at = child;
  }
  heap[at] = moved;
};

/** At most `most` of the places below `size`, in order. The heap's root is the last of the kept. */
export const foremost = (size: number, most: number, isBefore: IsBefore): readonly number[] => {
  const first = Array.from({ length: Math.min(size, most) }, (_, place) => place);
  // Sorted from the last on is a heap.
  const heap = first.sort((left, right) => (isBefore(left, right) ? 1 : -1));
  for (let place = most; place < size; place += 1) {
    if (!isBefore(place, heap[0] ?? 0)) continue;
    heap[0] = place;
    sink(heap, isBefore);
  }
  return heap.sort((left, right) => (isBefore(left, right) ? -1 : 1));
};
