/** Text is bounded in UTF-8 bytes, as stores count it. */
import { utf8Bytes } from '../event/utf8.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Bytes inside a JSON document, with quotes and escapes. */
export const jsonBytes = (value: unknown): number => utf8Bytes(JSON.stringify(value));

/** The longest beginning that fits, never half a character. */
export const clipUtf8 = (text: string, bytesMax: number): string => {
  if (text.length <= bytesMax && utf8Bytes(text) === text.length) return text;
  const bytes = encoder.encode(text);
  if (bytes.length <= bytesMax) return decoder.decode(bytes);
  let end = bytesMax;
  // 10xxxxxx continues a character: step back to where one starts.
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return decoder.decode(bytes.subarray(0, end));
};
