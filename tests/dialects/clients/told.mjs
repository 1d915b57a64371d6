/** Tries calls of a client, and tells of each on a line of its own. */

import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';

/** Tell of a call: at once and whole, so that who kills this program has read all that came before. */
export function tell(call, ok, rest) {
    writeSync(1, `${JSON.stringify({ call, ok, ...rest })}\n`);
}

/** Try a call, tell what it gave (as `shown` puts it), and return that; undefined if it failed. */
export async function tried(call, act, shown = (given) => given) {
    try {
        const given = await act();
        tell(call, true, { result: (await shown(given)) ?? null });
        return given;
    } catch (error) {
        tell(call, false, { error: await toldOf(error) });
    }
}

/** Try several at once: `{name: () => call}`, or `{name: [() => call, shown]}`. */
export function triedTogether(calls) {
    return Promise.all(Object.entries(calls).map(([call, one]) => tried(call, ...[one].flat())));
}

/** What tells one file from another, without all of it. */
export function sumOf(content) {
    const bytes = Buffer.from(content);
    return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/** Wait until a check is true. */
export async function until(check, patience = 60_000) {
    const end = Date.now() + patience;
    while (!(await check())) {
        if (Date.now() > end) throw new Error(`not within ${patience} ms: ${check}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
    }
}

/** Wait for something that may never come. */
export function within(patience, waiting) {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('not in time')), patience).unref());
    return Promise.race([waiting, late]);
}

async function toldOf(error) {
    if (error instanceof Response) return { name: 'Response', status: error.status, body: await error.text() };
    const { message, status, code, httpStatus, details, json, cause } = error ?? {};
    const name = error?.constructor?.name ?? typeof error;
    return { name, message: message ?? String(error), status, code, httpStatus, details, json, cause: plain(cause) };
}

function plain(cause) {
    return cause instanceof Error ? `${cause.name}: ${cause.message}` : cause;
}
