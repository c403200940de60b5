import { REJECT_REASONS } from '../core/event/reject.ts';
import { INGEST_ROUTES, PROFILE_ROUTES } from './routes.ts';

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => ESCAPES[sign] ?? sign);
const code = (text: string): string => `<code>${escaped(text)}</code>`;
const row = (...cells: readonly string[]): string =>
  `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;

const EXAMPLE = `curl -X POST "$URL/events" -H "authorization: Bearer $KEY" \\
  -H "content-type: application/json" \\
  -d '{"userId":"user123","eventType":"VIEW","context":{"page":"home","itemId":"item001","category":"tech"}}'`;

/** One page of ours, whole in itself: no script, no font, nothing from elsewhere. */
export const docsPage = (): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tributary API</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.5 ui-monospace,monospace}
pre{overflow:auto;padding:1rem;border:1px solid #8886;border-radius:6px}
table{border-collapse:collapse;width:100%}td{border-bottom:1px solid #8884;padding:.3rem .6rem .3rem 0;vertical-align:top}
</style></head><body>
<h1>Tributary API</h1>
<p>The whole of it in OpenAPI 3.1: <a href="/openapi.json">/openapi.json</a>.
The event as it is stored: <a href="/schemas/event/1.json">/schemas/event/1.json</a>.</p>
<pre>${escaped(EXAMPLE)}</pre>
<h2>Send events</h2>
<p>All of these take one event, an array, or ${code('{"events": […]}')}: 500 events and 512 KiB a request,
32 KiB an event. Each event has its own result. Give each an ${code('eventId')}: without it a resend cannot be recognised.</p>
<table>${INGEST_ROUTES.map(({ path, summary }) => row(code(`POST ${path}`), escaped(summary))).join('')}</table>
<h2>Read profiles</h2>
<table>${PROFILE_ROUTES.map((path) => row(code(`GET ${path}`))).join('')}</table>
<h2>Errors</h2>
<p>Errors are ${code('application/problem+json')} (RFC 9457); ${code('code')} is for machines. An event is rejected for one of:
${REJECT_REASONS.map(code).join(', ')}.</p>
</body></html>
`;
