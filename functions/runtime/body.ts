import { gunzipSync } from 'node:zlib';

export type BodyText =
  | { readonly text: string }
  | { readonly refused: 'too_large' | 'broken_gzip' | 'not_utf8' };

const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** 0x1f 0x8b of a gzip that went through a text decoder: the second byte became U+FFFD, or U+008B. */
const isBrokenGzip = (text: string): boolean =>
  text.charCodeAt(0) === 0x1f && [0xfffd, 0x8b].includes(text.charCodeAt(1));

const unzip = (bytes: Uint8Array, bytesMax: number): Uint8Array | 'too_large' | 'broken_gzip' => {
  try {
    return gunzipSync(bytes, { maxOutputLength: bytesMax });
  } catch (fault) {
    const code = fault instanceof Error && 'code' in fault ? fault.code : undefined;
    return code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'broken_gzip';
  }
};

const decode = (bytes: Uint8Array): string | undefined => {
  try {
    // Strips a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/**
 * A body as text. API Gateway says whether it handed over bytes; headers are not trusted, since
 * SDKs send gzip under text types and text under none. A bomb stops at the limit.
 */
export const readBody = (
  { body, bodyIsBytes }: { readonly body: Uint8Array; readonly bodyIsBytes: boolean },
  bytesMax: number,
): BodyText => {
  const bytes = bodyIsBytes && isGzip(body) ? unzip(body, bytesMax) : body;
  if (typeof bytes === 'string') return { refused: bytes };
  if (bytes.length > bytesMax) return { refused: 'too_large' };
  const text = decode(bytes);
  if (text === undefined) return { refused: bodyIsBytes ? 'not_utf8' : 'broken_gzip' };
  return isBrokenGzip(text) ? { refused: 'broken_gzip' } : { text };
};
