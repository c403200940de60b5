import { memoryRunStore } from '../../functions/adapters/memory-run-store.ts';
import type { LoadedRun } from '../../functions/core/nightly/run.ts';
import type { RunStore } from '../../functions/ports/run-store.ts';
import type { Faults } from './faults.ts';
import { type Process, WorldFault } from './process.ts';

/** Rows of runs in the table `records`, with the world around them. */
export class RunStoreModel {
  readonly kept: RunStore = memoryRunStore();
  /** Everything that it wanted to write is written. */
  onLoaded: (loaded: LoadedRun) => void = () => undefined;
  readonly #faults: Faults;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  port(process: Process): RunStore {
    const { kept } = this;
    const read = async <T>(what: string, of: () => Promise<T>): Promise<T> => {
      const fails = this.#faults.happens('read of a run fails', 1);
      const [found] = await process.call(what, () => [of()] as const);
      if (fails) throw new WorldFault('read throttled');
      return found;
    };
    const write = async <T>(what: string, of: () => Promise<T>): Promise<T> => {
      const fails = this.#faults.happens('write of a run fails before its effect', 0.5);
      const isLost = this.#faults.happens('write of a run happens, its answer is lost', 0.5);
      const written = await process.call(what, () => (fails ? undefined : ([of()] as const)));
      if (written === undefined || isLost) throw new WorldFault('write of a run failed');
      return written[0];
    };
    return {
      flight: () => read('read flight', kept.flight),
      takeFlight: (...given) => write('take flight', () => kept.takeFlight(...given)),
      giveBack: (...given) => write('give flight back', () => kept.giveBack(...given)),
      begin: (...given) => write('begin run', () => kept.begin(...given)),
      find: (...given) => read('read run', () => kept.find(...given)),
      change: (...given) => write('change run', () => kept.change(...given)),
      latest: (...given) => read('read runs', () => kept.latest(...given)),
      loaded: () => read('read loaded', kept.loaded),
      saveLoaded: (loaded) =>
        write('save loaded', () => {
          this.onLoaded(loaded);
          return kept.saveLoaded(loaded);
        }),
      plannedCut: () => read('read planned cut', kept.plannedCut),
      savePlannedCut: (...given) => write('save planned cut', () => kept.savePlannedCut(...given)),
    };
  }
}
