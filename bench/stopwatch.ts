/** Elapsed time, and the processor time this process used meanwhile: on a busy machine the two fall apart. */

export interface Elapsed {
  wallMs: number;
  /** All threads of the process together, so that helpers of the engine (compiler, collector) count. */
  cpuMs: number;
}

/** Starts now; call the answer to read it. */
export function startWatch(): () => Elapsed {
  const cpu = process.cpuUsage();
  const wall = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { wallMs: performance.now() - wall, cpuMs: (user + system) / 1000 };
  };
}

export function addElapsed(a: Elapsed, b: Elapsed): Elapsed {
  return { wallMs: a.wallMs + b.wallMs, cpuMs: a.cpuMs + b.cpuMs };
}
