/** What must be true of this machine, each with a sentence that says what to do where it is not. */
import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';

const NODE_MAJOR_MIN = 24;
const DISK_BYTES_MIN = 200 * 1024 * 1024;

const LOOPBACK = new Set(['localhost', '127.0.0.1', '::1', '[::1]']);

export const isLoopback = (url: string): boolean => {
  try {
    const { hostname } = new URL(url);
    return LOOPBACK.has(hostname) || hostname.endsWith('.localhost');
  } catch {
    return false;
  }
};

export const refuseOldNode = (version: string): void => {
  if (Number(version.split('.')[0]) >= NODE_MAJOR_MIN) return;
  throw new Error(
    `Node ${version} runs this, and Node ${NODE_MAJOR_MIN} is needed. The npm package "node" brings it: npm ci without --ignore-scripts, then npm start. (Or install Node ${NODE_MAJOR_MIN} yourself.)`,
  );
};

/** A function's call that leaves this machine would reach somebody's account. */
export const refuseForeignEndpoints = (environment: NodeJS.ProcessEnv): void => {
  for (const [name, value] of Object.entries(environment)) {
    if (!/^AWS_ENDPOINT_URL(_|$)/.test(name) || value === undefined || value === '') continue;
    if (isLoopback(value)) continue;
    throw new Error(
      `${name} is ${value}, which is not this machine. The local cloud talks to nobody else: unset ${name} and start again`,
    );
  }
};

export const refuseFullDisk = (folder: string): void => {
  const existing = existsSync(folder) ? folder : dirname(folder);
  if (!existsSync(existing)) return;
  const { bavail, bsize } = statfsSync(existing);
  if (bavail * bsize >= DISK_BYTES_MIN) return;
  throw new Error(
    `${existing} has ${Math.floor((bavail * bsize) / 2 ** 20)} MB left, and the local cloud keeps its state there: free some space, or choose another folder with --data <folder>`,
  );
};

/** Sentences for faults that come later than the start. */
export const adviceFor = (fault: unknown): string | undefined => {
  const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
  if (code === 'ENOSPC') {
    return 'The disk is full: free some space and start again. What was acknowledged is kept.';
  }
  if (code === 'EMFILE')
    return 'Too many open files: raise the limit (ulimit -n 4096) and start again.';
  if (code === 'EACCES' || code === 'EROFS') {
    return 'The data folder cannot be written: choose another with --data <folder>.';
  }
  return undefined;
};
